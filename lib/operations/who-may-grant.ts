import { noRequest } from '#lib/core/caller.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { attachedPolicies } from '#lib/store/policies.ts'
import { readUsers } from '#lib/store/users.ts'

const mostNamed = 5

/** Names of those who can give somebody of the account a right, the owner first; five at most. */
export async function whoMayGrant(accountId: number): Promise<string[]> {
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
