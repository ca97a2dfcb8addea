import type { AttachedPolicy } from './policy.ts'

/** Who asks. A value that is passed in, never looked up. */
export type Caller = {
  accountId: number
  userId: number | null
  name: string
  role: 'owner' | 'user' | 'system'
  /** What is attached to it, directly or by a group; an owner needs none. */
  policies: readonly AttachedPolicy[]
  source: 'console' | 'api' | 'system'
  /** Where the request came from, and whether over TLS. */
  address: string
  isSecure: boolean
  /** What proved who it is. */
  via: { is: 'session' | 'key'; id: string } | null
  /** Names this one request, in the audit log and in what a fault tells. */
  requestId: string
  /** The statement of a policy that allowed or refused what is asked now; none where no policy did. */
  decidedBy?: { policy: string; statement: number; group: string | null } | null
}

/** What a caller has who is no request: the command line of the server, a worker, a test. */
export const noRequest = { isSecure: false, via: null, requestId: '' } as const

/** Who asks at the server's own command line; whoever may log in there may do everything. */
export const commandLine = (accountId: number): Caller => ({
  accountId,
  userId: null,
  name: 'command line',
  role: 'system',
  policies: [],
  source: 'system',
  address: '',
  ...noRequest,
})
