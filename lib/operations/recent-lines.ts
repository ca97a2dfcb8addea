import { z } from 'zod'
import { wildcard } from '#lib/core/wildcard.ts'
import { readDomainNames } from '#lib/store/domains.ts'
import { type RecentLine, readRecentLines } from '#lib/store/records.ts'
import { describeRefreshTasks } from './describe-refresh-tasks.ts'
import { operation } from './operation.ts'
import { scopeOf } from './scope.ts'

const mostLines = 200
/** A policy has no room for more. */
const mostPatterns = 300

/**
 * What was submitted lately on the domains that some patterns fit, newest first and each once: what the
 * author of a policy tries paths on. Tags have no path, and are not among them.
 */
export const recentLines = operation({
  action: describeRefreshTasks.action,
  input: z.object({ domains: z.array(z.string().max(300)).max(mostPatterns) }),
  resources: () => 'anywhere',
  async run(caller, { domains: patterns }): Promise<RecentLine[]> {
    const { accountId, domains } = await scopeOf(caller)
    const tests = patterns.map((pattern) => wildcard(pattern).fits)
    const seen = domains ?? (await readDomainNames(accountId))
    const meant = seen.filter((name) => tests.some((fits) => fits(name)))
    return readRecentLines({ accountId, domains: meant }, mostLines)
  },
})

export type { RecentLine }
