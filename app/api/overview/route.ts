import { answer } from '#app/answer.ts'
import type { Range } from '#lib/core/overview.ts'
import { describeOverview } from '#lib/operations/describe-overview.ts'

/** What Overview repeats while somebody looks: `range`, and the `figures` of a cache. */
export function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  const figures = query.has('figures') ? Number(query.get('figures')) : undefined
  return answer((caller) => describeOverview(caller, { range: query.get('range') as Range, figures }))
}
