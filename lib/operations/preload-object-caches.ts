import { z } from 'zod'
import { type Region, regions } from '#lib/core/capabilities.ts'
import type { TaskOptions } from '#lib/store/accept.ts'
import { operation } from './operation.ts'
import {
  answeredBefore,
  askedBy,
  type Ground,
  headerSetsOf,
  type Part,
  readGround,
  readLines,
  type SubmitAnswer,
  submissionFields,
  submit,
} from './submit.ts'

export const preloadAction = 'dcdn:PreloadDcdnObjectCaches'

const input = z.object({
  ...submissionFields,
  /** Own fields of the requests, as `parseHeaderSets` reads them; empty takes those of the domain. */
  headers: z.string().max(20_000).default(''),
  /** Only caches of this region, and those of none; every cache where it is left out. */
  area: z.enum(regions).optional(),
  /** Whether edges behind a shield are reached too; otherwise as the domain has it. */
  reachesEdges: z.boolean().default(false),
  /** Whether URLs are asked for as they stand, instead of as the domain's rules make them. */
  asGiven: z.boolean().default(false),
})

/**
 * Accepts URLs to be fetched into caches, or refuses all of them.
 *
 * @throws Fault MissingObjectPath, SingleRequest.OverLimit, InvalidObjectPath.Malformed (with the
 *   problems), InvalidParameter.WithHeader, DomainWithoutCaches, NoPermission,
 *   IdempotentParameterMismatch, InvalidParameter.Area, QuotaExceeded.Preload, PreloadQueueFull
 */
export const preloadObjectCaches = operation({
  action: preloadAction,
  input,
  async prepare(caller, given) {
    const { text, dialect, asGiven } = given
    const before = await answeredBefore(caller, preloadAction, given)
    if (before) return { before }
    const ground = await readGround(caller)
    return { ground, lines: readLines(text, { method: 'prefetch', dialect, asGiven }, ground) }
  },
  resources: (_, caller, prepared) =>
    prepared.before ? [] : askedBy(prepared.lines, { ...prepared, caller, method: 'prefetch' }),
  async run(caller, given, prepared): Promise<SubmitAnswer> {
    if (prepared.before) return prepared.before
    const { ground, lines } = prepared
    const { headers, area, reachesEdges, note, key } = given
    const part: Part = {
      lines,
      method: 'prefetch',
      mode: 'hard',
      reachesEdges,
      optionsFor: (domain) => ({ headers: headerSetsOf(headers, domain), ...recorded(given) }),
      ...(area === undefined ? {} : { onlyCaches: cachesOf(ground, area) }),
    }
    return submit(caller, ground, { action: preloadAction, parts: [part], note, key, body: given })
  },
})

/** The caches of a region, and those that are of none. */
function cachesOf({ caches }: Ground, area: Region): number[] {
  return [...caches.values()].filter(({ region }) => region === '' || region === area).map(({ id }) => id)
}

/** What the API was asked beyond what a task says anyhow, under the vendor's names. */
function recorded({ dialect, area, reachesEdges, asGiven }: z.output<typeof input>): TaskOptions {
  if (dialect === 'console') return {}
  const asked = {
    ...(area && { Area: area }),
    ...(reachesEdges && { L2Preload: 'true' }),
    ...(!asGiven && { QueryHashkey: 'true' }),
  }
  return { asked }
}
