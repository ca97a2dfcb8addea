import { z } from 'zod'
import { modes } from '#lib/core/command.ts'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import type { SubmissionLine } from '#lib/core/submission.ts'
import { operation } from './operation.ts'
import { preloadAction } from './preload-object-caches.ts'
import {
  answeredBefore,
  askedBy,
  headerSetsOf,
  type Part,
  permitLines,
  readGround,
  readLines,
  requireConfirmed,
  type SubmitAnswer,
  submissionFields,
  submit,
} from './submit.ts'

const action = 'dcdn:RefreshDcdnObjectCaches'
const byTagAction = 'dcdn:RefreshDcdnObjectCacheByCacheTag'

const input = z.object({
  ...submissionFields,
  method: z.enum(methods).exclude(['prefetch']),
  mode: z.enum(modes),
  /** The domain whose tags the lines are. */
  tagDomain: z.string().optional(),
  /** The content must be gone: the second pass is hard too. */
  forbidden: z.boolean().default(false),
  /** Hosts that somebody has typed, because the lines reach all of them. */
  confirmed: z.array(z.string()).max(1000).default([]),
  /** Prefetch the URLs once they are purged. */
  thenPrefetch: z.boolean().default(false),
})

const actionOf = ({ method }: { method: string }) => (method === 'tag' ? byTagAction : action)

/**
 * Accepts a purge for delivery, or refuses all of it.
 *
 * @throws Fault MissingObjectPath, SingleRequest.OverLimit, InvalidObjectPath.Malformed (with the
 *   problems), ConfirmationNeeded, DomainWithoutCaches, NoPermission, IdempotentParameterMismatch,
 *   QuotaExceeded.Refresh, QuotaExceeded.Preload, QuotaPerMinuteExceeded.Refresh, PreloadQueueFull
 */
export const refreshObjectCaches = operation({
  action,
  actionFor: actionOf,
  input,
  async prepare(caller, given) {
    const { method, dialect, tagDomain, text } = given
    const before = await answeredBefore(caller, actionOf(given), given)
    if (before) return { before }
    const ground = await readGround(caller)
    return { ground, lines: readLines(text, { method, dialect, tagDomain }, ground) }
  },
  resources: ({ method, mode }, caller, prepared) =>
    prepared.before ? [] : askedBy(prepared.lines, { ...prepared, caller, method, mode }),
  async run(caller, given, prepared): Promise<SubmitAnswer> {
    if (prepared.before) return prepared.before
    const { ground, lines } = prepared
    const { method, mode, forbidden, confirmed, thenPrefetch, note, key } = given
    // A program has nobody to ask.
    if (given.dialect === 'console') requireConfirmed(lines, confirmed)
    const parts: Part[] = [
      { lines, method, mode, optionsFor: () => (forbidden && mode === 'hard' ? { forbidden: true } : {}) },
    ]
    if (thenPrefetch) {
      const again = readLines(prefetchable(lines), { method: 'prefetch', dialect: 'console' }, ground)
      await permitLines(caller, askedBy(again, { caller, ground, method: 'prefetch' }))
      parts.push({
        lines: again,
        method: 'prefetch',
        mode: 'hard',
        optionsFor: (domain) => ({ headers: headerSetsOf('', domain) }),
      })
    }
    return submit(caller, ground, {
      action: actionOf(given),
      parts,
      note,
      key,
      body: given,
    })
  },
})

/** The lines that name one file each. @throws Fault MissingObjectPath */
function prefetchable(lines: readonly SubmissionLine[]): string {
  const files = lines.filter(({ method, target }) => method === 'url' && !target.endsWith('/'))
  if (files.length === 0) throw new Fault('MissingObjectPath')
  return files.map((line) => line.text).join('\n')
}
