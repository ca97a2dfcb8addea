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

/** `freshet quota`. */
export async function quota(args: string[]): Promise<number> {
  const { values } = readOptions('quota', args)
  const asked = { action: 'DescribeDcdnRefreshQuota', version: versions.vendor, parameters: {} }
  const answer = await call<Record<string, string>>(connectionOf(values), asked)
  if (values.json) console.log(JSON.stringify(answer))
  else
    for (const [pool, name] of Object.entries(pools)) {
      const [left, limit] = [answer[`${pool}Remain`], answer[`${pool}Quota`]]
      console.log(`${name.padEnd(26)}${left} of ${limit} left today`)
    }
  return 0
}
