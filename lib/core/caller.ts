import type { SystemPolicy } from './policy.ts'

/** Who asks. A value that is passed in, never looked up. */
export type Caller = {
  accountId: number
  userId: number | null
  name: string
  role: 'owner' | 'user' | 'system'
  /** Names of the system policies that are attached; an owner needs none. */
  policies: readonly SystemPolicy[]
  source: 'console' | 'system'
  /** Where the request came from, and whether over TLS. */
  address: string
  isSecure: boolean
  /** What proved who it is. */
  via: { is: 'session' | 'key'; id: string } | null
  /** Names this one request, in the audit log and in what a fault tells. */
  requestId: string
}

/** What a caller has who is no request: the command line of the server, a worker, a test. */
export const noRequest = { isSecure: false, via: null, requestId: '' } as const
