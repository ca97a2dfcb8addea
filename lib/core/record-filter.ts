import { z } from 'zod'
import { methods } from './line.ts'
import {
  type FilterName,
  filterNames,
  type RecordFilter,
  type StatusFilter,
  statusFilters,
  type Window,
  windows,
} from './records.ts'

const word = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .regex(/^[^\0]*$/)
const moment = z.iso.datetime({ offset: true })

const shape = {
  range: z.enum(Object.keys(windows) as [Window, ...Window[]]).optional(),
  from: moment.optional(),
  until: moment.optional(),
  operation: z.enum(['purge', 'prefetch']).optional(),
  method: z.enum([...methods, 'everything']).optional(),
  mode: z.enum(['hard', 'soft']).optional(),
  domain: word.toLowerCase().optional(),
  url: word.max(2048).optional(),
  status: z.enum(Object.keys(statusFilters) as [StatusFilter, ...StatusFilter[]]).optional(),
  cache: word.optional(),
  user: word.optional(),
  source: z.enum(['console', 'api', 'system']).optional(),
  note: word.optional(),
  task: z
    .string()
    .regex(/^20\d{14}$/)
    .optional(),
} satisfies Record<FilterName, z.ZodType>

/** Filters of Records as an address holds them. */
export const recordFilterSchema: z.ZodType<RecordFilter> = z.object(shape)

/** The filters of an address; what is none of them is passed over, what is wrong comes back by name. */
export function readFilter(query: URLSearchParams): { filter: RecordFilter; wrong: FilterName[] } {
  const filter: Record<string, unknown> = {}
  const wrong: FilterName[] = []
  for (const name of filterNames) {
    const given = query.get(name)
    if (given === null || given.trim() === '') continue
    const read = shape[name].safeParse(given)
    if (read.success) filter[name] = read.data
    else wrong.push(name)
  }
  return { filter: filter as RecordFilter, wrong }
}

/** A place between two records: of tasks with smaller numbers, these come next. */
export const cursorSchema = z.string().regex(/^20\d{14}$/)
