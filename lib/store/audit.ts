import type { Caller } from '#lib/core/caller.ts'
import type { Tx } from './client.ts'

/** Writes who did what, in the transaction of the effect. */
export async function writeAudit(
  tx: Tx,
  caller: Caller,
  action: string,
  resources: string[],
  detail: Record<string, unknown> = {},
): Promise<void> {
  await tx.audit.create({
    data: {
      accountId: caller.accountId,
      userId: caller.userId,
      actor: caller.name,
      address: caller.address,
      action,
      resources,
      detail: JSON.parse(JSON.stringify(detail)),
    },
  })
}
