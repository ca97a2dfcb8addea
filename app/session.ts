import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import NextAuth, { AuthError } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { cache } from 'react'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { sightOfCaller } from '#lib/operations/scope.ts'
import { callerOfSession, closeSession, openSession, type SignedIn } from '#lib/operations/sign-in.ts'
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
            { ...originOf(request.headers), userAgent: request.headers.get('user-agent') ?? '' },
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

/** Whose session this request carries, or null. */
export const signedIn = cache(async (): Promise<SignedIn | null> => {
  const id = await sessionId()
  const caller = id && (await callerOfSession(id))
  return caller ? { ...caller, ...requestOf(await headers()) } : null
})

/** Who is calling, or null. Whoever has to choose a new password first is nobody until then, for all pages and routes. */
export async function currentCaller(): Promise<SignedIn | null> {
  const caller = await signedIn()
  return caller?.mustChange ? null : caller
}

/** What a request itself tells of its caller; the door lets only trusted proxies say that it came over TLS. */
function requestOf(sent: Headers): Pick<Caller, 'address' | 'isSecure' | 'requestId'> {
  return { ...originOf(sent), isSecure: sent.get('x-forwarded-proto') === 'https' }
}

/** Where a request came from, as the door found it, and its name. */
export const originOf = (sent: Headers): Pick<Caller, 'address' | 'requestId'> => ({
  address: sent.get(addressHeader) ?? '',
  requestId: sent.get(requestHeader) ?? '',
})

/** A question to ask later, outside of a request: what this request's session may see, or null once it opens nothing. */
export async function sessionWatch(): Promise<() => Promise<string | null>> {
  const id = await sessionId()
  return async () => (id === null ? null : sightOf(id))
}

// Of the streams that a browser has open, one asks for all.
const sights = new Map<string, { sight: Promise<string | null>; atMs: number }>()
const sightMs = 1_000

function sightOf(id: string): Promise<string | null> {
  const now = performance.now()
  const known = sights.get(id)
  if (known && now - known.atMs < sightMs) return known.sight
  for (const [other, { atMs }] of sights) if (now - atMs > sightMs) sights.delete(other)
  const sight = callerOfSession(id).then((caller) =>
    caller && !caller.mustChange ? sightOfCaller(caller) : null,
  )
  sights.set(id, { sight, atMs: now })
  return sight
}

/** Who is calling; anybody else is sent to sign in, or to choose a new password, and returns to `path` afterwards. */
export async function requireCaller(path: string): Promise<SignedIn> {
  const caller = await currentCaller()
  if (caller) return caller
  redirect(`${(await signedIn()) ? '/new-password' : '/sign-in'}?next=${encodeURIComponent(path)}`)
}

/** Signs in with a name and a password. @throws Fault SignInFailed, TooManyWrongSignIns, TooManySignIns */
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
