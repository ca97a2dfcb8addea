import type { ActionName } from './actions.ts'
import type { Caller } from './caller.ts'
import type { Mode } from './command.ts'
import type { Method } from './line.ts'
import { modeOf } from './plan.ts'
import { type Asked, reachOf, refusedReaches } from './policy.ts'
import { domainResource } from './resource-name.ts'
import type { Problem, Submission, SubmissionLine } from './submission.ts'

type Around = {
  accountId: number
  /** What was chosen, for lines of the method that was chosen. */
  method: Method
  mode: Mode
  /** Other domains that share the cache of one: what purges it purges them. */
  sharedBy: (domain: string) => readonly string[]
  /** Names of the caches that serve a domain. */
  cachesOf: (domain: string) => readonly string[]
}

type LinesAsked = Asked & { action: ActionName; method: Method; lines: SubmissionLine[] }

/** What lines ask of the policies: each domain by each method, with all that they reach and on which caches. */
export function askedOf(
  lines: readonly SubmissionLine[],
  { accountId, method: chosen, mode, cachesOf, sharedBy }: Around,
): LinesAsked[] {
  const groups = Map.groupBy(lines, ({ domain, method }) => `${method} ${domain}`)
  return [...groups.values()].flatMap((own) => {
    const { domain, method } = own[0] as SubmissionLine
    const asked = {
      action: actionOf(method),
      method,
      ...(method === 'prefetch' ? {} : { mode: modeOf(method, { method: chosen, mode }) }),
      reaches: own.map(reachOf),
      lineCount: lines.length,
      caches: cachesOf(domain),
      lines: own,
    }
    const names = method === 'prefetch' ? [domain] : [domain, ...sharedBy(domain)]
    return names.map((name) => ({ ...asked, resource: domainResource(accountId, name) }))
  })
}

/** A submission whose lines are ready only as far as the caller may submit them; the others are problems. */
export function permitted(
  submission: Submission,
  caller: Caller,
  around: Omit<Around, 'accountId'> & { nowMs: number },
): Submission {
  const { accountId } = caller
  const refused = new Map<number, Problem>()
  for (const { lines, ...asked } of askedOf(submission.lines, { ...around, accountId })) {
    for (const at of refusedReaches(caller, asked.action, asked, around.nowMs)) {
      const { line, text, domain } = lines[at] as SubmissionLine
      const mark = { line, column: 1, endColumn: text.length + 1, given: text }
      refused.set(line, { ...mark, code: 'not-permitted', detail: domain })
    }
  }
  if (refused.size === 0) return submission
  return {
    ...submission,
    lines: submission.lines.filter(({ line }) => !refused.has(line)),
    notices: submission.notices.filter(({ line }) => !refused.has(line)),
    problems: [...submission.problems, ...refused.values()].sort((a, b) => a.line - b.line),
  }
}

/** The vendor has an action of its own for tags. */
function actionOf(method: Method): ActionName {
  if (method === 'prefetch') return 'dcdn:PreloadDcdnObjectCaches'
  return method === 'tag' ? 'dcdn:RefreshDcdnObjectCacheByCacheTag' : 'dcdn:RefreshDcdnObjectCaches'
}
