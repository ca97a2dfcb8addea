import { db, type Tx } from './client.ts'

/** A view of Records that somebody gave a name; all of the account see it. */
export type SavedView = { id: number; name: string; query: string; madeBy: string }

/** The views of an account by name. */
export function readViews(accountId: number): Promise<SavedView[]> {
  return db().$queryRaw`
    select id, name, query, made_by as "madeBy" from saved_view
    where account_id = ${accountId} order by lower(name) limit 100`
}

/** Keeps a view; false when there is one of this name. */
export async function insertView(tx: Tx, accountId: number, view: Omit<SavedView, 'id'>): Promise<boolean> {
  const rows = await tx.$executeRaw`
    insert into saved_view (account_id, name, query, made_by)
    values (${accountId}, ${view.name}, ${view.query}, ${view.madeBy}) on conflict do nothing`
  return rows === 1
}

/** Forgets a view; @returns what it was, or null where there was none. */
export async function deleteView(
  tx: Tx,
  accountId: number,
  id: number,
): Promise<Pick<SavedView, 'name' | 'query'> | null> {
  const [view] = await tx.$queryRaw<Pick<SavedView, 'name' | 'query'>[]>`
    delete from saved_view where account_id = ${accountId} and id = ${id} returning name, query`
  return view ?? null
}
