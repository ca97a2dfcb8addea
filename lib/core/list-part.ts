import { z } from 'zod'

/** The rows of a list that a page shows. */
export const rowsOfPage = 100

/** Which part of a list is read: what has a text in its name, from a place on; all of it without a limit. */
export const listPart = z.object({
  search: z.string().trim().max(100).default(''),
  from: z.number().int().min(0).max(10_000_000).default(0),
  limit: z.number().int().min(1).optional(),
})
export type ListPart = z.output<typeof listPart>
