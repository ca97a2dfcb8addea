import type { FaultDetails } from './fault.ts'

/** Who asks: a person of an account. Passed in, never looked up. */
export type Caller = {
  accountId: number
  userId: number | null
  name: string
  role: 'owner' | 'user' | 'system'
  source: 'console' | 'system'
  address: string
}

export type Decision = { allowed: true } | { allowed: false; details: FaultDetails }

/** Whether a caller may act on all of these resources; the default is no. */
export function evaluate(caller: Caller, action: string, resources: readonly string[]): Decision {
  if (caller.role === 'owner' || caller.role === 'system') return { allowed: true }
  return { allowed: false, details: { action, resource: resources[0] ?? '*' } }
}
