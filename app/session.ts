import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import NextAuth, { AuthError } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { cache } from 'react'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { callerOfSession, closeSession, openSession } from '#lib/operations/sign-in.ts'
import { derivedKey, settings } from '#lib/settings.ts'
import { addressHeader, requestHeader } from './door/address.ts'

// next-auth keeps one thing: the id of a session row, in a signed and encrypted cookie. Whether
// that session still lives is asked of the row on every request.
const nextAuth = NextAuth(() => ({
  secret: derivedKey('next-auth').toString('base64'),
  trustHost: true,
  useSecureCookies: settings().secureCookies,
  session: { strategy: 'jwt', maxAge: 24 * 3600 },
  pages: { signIn: '/sign-in', error: '/sign-in' },
  providers: [
    Credentials({
      credentials: { name: {}, password: {} },
      async authorize(given, request) {
        try {
          const session = await openSession(
            { name: String(given.name ?? ''), password: String(given.password ?? '') },
            { address: clientAddress(request.headers), userAgent: request.headers.get('user-agent') ?? '' },
          )
          return { id: session }
        } catch (error) {
          if (error instanceof Fault && error.code === 'SignInFailed') return null
          throw error
        }
      },
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => (user ? { ...token, sub: String(user.id) } : token),
    session: ({ token }) => ({ expires: '', user: { id: token.sub ?? '' } }) as never,
  },
  events: {
    async signOut(message) {
      if ('token' in message && message.token?.sub) await closeSession(message.token.sub)
    },
  },
  // A wrong password is no error of ours; next-auth would print a stack for each.
  logger: { error: (error) => error instanceof AuthError || console.error(error) },
}))

export const { handlers } = nextAuth

const sessionId = cache(async (): Promise<string | null> => {
  const session = await nextAuth.auth()
  return session?.user?.id || null
})

/** Who is calling, or null. */
export const currentCaller = cache(async (): Promise<(Caller & { accountName: string }) | null> => {
  const id = await sessionId()
  const caller = id && (await callerOfSession(id))
  return caller ? { ...caller, ...requestOf(await headers()) } : null
})

/** What a request itself tells of its caller; the door lets only trusted proxies say that it came over TLS. */
function requestOf(sent: Headers): Pick<Caller, 'address' | 'isSecure' | 'requestId'> {
  return {
    address: clientAddress(sent),
    isSecure: sent.get('x-forwarded-proto') === 'https',
    requestId: sent.get(requestHeader) ?? '',
  }
}

/** A question to ask later, outside of a request: whether this request's session still lives. */
export async function sessionWatch(): Promise<() => Promise<boolean>> {
  const id = await sessionId()
  return async () => id !== null && (await callerOfSession(id)) !== null
}

/** Who is calling; anybody else is sent to sign in and returns to `path` afterwards. */
export async function requireCaller(path: string): Promise<Caller & { accountName: string }> {
  const caller = await currentCaller()
  if (!caller) redirect(`/sign-in?next=${encodeURIComponent(path)}`)
  return caller
}

/** Signs in with a name and a password. @throws Fault SignInFailed */
export async function signIn(name: string, password: string): Promise<void> {
  try {
    await nextAuth.signIn('credentials', { name, password, redirect: false })
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    const cause = error.cause?.err
    throw cause instanceof Fault ? cause : new Fault('SignInFailed')
  }
}

/** Ends the session and takes the cookie back. */
export async function signOut(): Promise<void> {
  const id = await sessionId()
  if (id) await closeSession(id)
  const jar = await cookies()
  for (const { name } of jar.getAll()) if (name.includes('authjs.session-token')) jar.delete(name)
}

/** The address that a request came from, as the door found it. */
export function clientAddress(sent: Headers): string {
  return sent.get(addressHeader) ?? ''
}
