import { type Check, text, withFields } from './answer.ts'
import { call, versions } from './call.ts'
import { readOptions } from './options.ts'
import { connectionOf } from './profile.ts'

/** What the API's names of the pools stand for. */
const pools = {
  Url: 'URLs',
  Dir: 'directories',
  Regex: 'patterns',
  IgnoreParams: 'URLs with any parameters',
  Preload: 'prefetches',
} as const

const hasPools: Check<Record<string, string>> = (answer): answer is Record<string, string> =>
  Object.keys(pools).every((pool) => withFields({ [`${pool}Remain`]: text, [`${pool}Quota`]: text })(answer))

/** What is left of today’s quotas: a call that changes nothing. */
export const askedForQuota = {
  action: 'DescribeDcdnRefreshQuota',
  version: versions.vendor,
  parameters: {},
  fits: hasPools,
}

/** `freshet quota`. */
export async function quota(args: string[]): Promise<number> {
  const { values } = readOptions('quota', args)
  const answer = await call(connectionOf(values), askedForQuota)
  if (values.json) console.log(JSON.stringify(answer))
  else
    for (const [pool, name] of Object.entries(pools)) {
      const [left, limit] = [answer[`${pool}Remain`], answer[`${pool}Quota`]]
      console.log(`${name.padEnd(26)}${left} of ${limit} left today`)
    }
  return 0
}
