import { noRequest } from '#lib/core/caller.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { attachedPolicies } from '#lib/store/policies.ts'
import { readUsers } from '#lib/store/users.ts'

const mostNamed = 5

// A refusal says them, and a program that is refused comes again at once; to find them reads all users.
const kept = new Map<number, { names: Promise<string[]>; atMs: number }>()
const keptMs = 5_000
const mostKept = 1_000

/** Names of those who can give somebody of the account a right, the owner first, five at most; as of some seconds ago. */
export function whoMayGrant(accountId: number): Promise<string[]> {
  const now = performance.now()
  const known = kept.get(accountId)
  if (known && now - known.atMs < keptMs) return known.names
  if (kept.size >= mostKept) kept.clear()
  const names = readGrantors(accountId)
  kept.set(accountId, { names, atMs: now })
  names.catch(() => kept.delete(accountId))
  return names
}

async function readGrantors(accountId: number): Promise<string[]> {
  const users = (await readUsers(accountId)).filter((user) => user.state !== 'disabled')
  const names: string[] = []
  for (const { id, name, role, policies } of users) {
    if (names.length === mostNamed) break
    const caller = {
      accountId,
      userId: id,
      name,
      role,
      source: 'console',
      address: '',
      ...noRequest,
    } as const
    if (mayAnywhere({ ...caller, policies: await attachedPolicies(policies) }, 'freshet:DecideAccess'))
      names.push(name)
  }
  return names
}
