import { currentCaller } from '#app/session.ts'
import { Fault } from '#lib/core/fault.ts'
import type { Range } from '#lib/core/overview.ts'
import { describeOverview } from '#lib/operations/describe-overview.ts'

/** What Overview repeats while somebody looks: `range`, and the `figures` of a cache. */
export async function GET(request: Request): Promise<Response> {
  const headers = { 'cache-control': 'no-store' }
  const caller = await currentCaller()
  if (!caller)
    return Response.json({ code: 'SignInFailed', message: 'Sign in again.' }, { status: 401, headers })
  const query = new URL(request.url).searchParams
  const figures = query.has('figures') ? Number(query.get('figures')) : undefined
  try {
    const overview = await describeOverview(caller, { range: query.get('range') as Range, figures })
    return Response.json(overview, { headers })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { code, message, details, status } = error
    return Response.json({ code, message, details }, { status, headers })
  }
}
