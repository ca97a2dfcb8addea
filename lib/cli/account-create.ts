import { parseArgs } from 'node:util'
import { createAccount } from '#lib/operations/set-up.ts'
import { startSettings } from '#lib/settings.ts'
import { withDatabase } from './with-database.ts'

/** Makes another account in this deployment and prints the link by which its owner gets in, once. */
export async function createAccountNamed(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { owner: { type: 'string' } },
  })
  const [account, ...rest] = positionals
  const { owner } = values
  if (!account || !owner || rest.length > 0)
    throw new Error('Name the account and its owner: freshet account create NAME --owner USER.')
  const { token, expiresAt } = await withDatabase(() => createAccount({ account, owner }))
  console.log(
    `The account ${account} is made. Send ${owner} this link, to choose a password until ${expiresAt.slice(0, 16).replace('T', ' ')} UTC; it is shown once:\n` +
      `${startSettings().address}/welcome?token=${token}`,
  )
}
