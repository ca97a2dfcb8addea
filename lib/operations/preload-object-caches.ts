import { z } from 'zod'
import { operation } from './operation.ts'
import {
  askedBy,
  headerSetsOf,
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
})

/**
 * Accepts URLs to be fetched into caches, or refuses all of them.
 *
 * @throws Fault MissingObjectPath, SingleRequest.OverLimit, InvalidObjectPath.Malformed (with the
 *   problems), InvalidParameter.WithHeader, DomainWithoutCaches, NoPermission,
 *   IdempotentParameterMismatch, QuotaExceeded.Preload, PreloadQueueFull
 */
export const preloadObjectCaches = operation({
  action: preloadAction,
  input,
  async prepare(caller, { text }) {
    const ground = await readGround(caller)
    return { ground, lines: readLines(text, { method: 'prefetch' }, ground) }
  },
  resources: (_, caller, { ground, lines }) => askedBy(lines, { caller, ground, method: 'prefetch' }),
  async run(caller, given, { ground, lines }): Promise<SubmitAnswer> {
    const { headers, note, key } = given
    const part = {
      lines,
      method: 'prefetch' as const,
      mode: 'hard' as const,
      optionsFor: (domain: Parameters<typeof headerSetsOf>[1]) => ({
        headers: headerSetsOf(headers, domain),
      }),
    }
    return submit(caller, ground, { action: preloadAction, parts: [part], note, key, body: given })
  },
})
