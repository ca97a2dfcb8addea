import type { IncomingMessage } from 'node:http'
import { derivedKey, settings } from '#lib/settings.ts'

/** Whether a request carries a session that we issued. Whether it still lives is asked of its row, in the app. */
export async function isSignedIn(request: IncomingMessage): Promise<boolean> {
  // Only long bodies ask this, and a start need not wait for it.
  const { getToken } = await import('next-auth/jwt')
  const token = await getToken({
    req: { headers: { cookie: request.headers.cookie ?? '' } },
    secret: derivedKey('next-auth').toString('base64'),
    secureCookie: settings().secureCookies,
  })
  return token !== null
}
