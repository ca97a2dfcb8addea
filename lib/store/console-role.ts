import { createHmac } from 'node:crypto'
import pg from 'pg'

const role = 'freshet_console'

/**
 * Lets the console into a server of our own as a role of little power: it reads and writes what the console
 * does, adds to the audit log, and can neither change that nor any table's shape. Called at each start, so
 * it covers what migrations have added.
 *
 * @param ownerUrl the server as its owner sees it, migrated
 * @returns the same for the console; its password follows from the owner's, and not the other way round
 */
export async function openConsoleRole(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl)
  const password = createHmac('sha256', decodeURIComponent(url.password)).update(role).digest('base64url')
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query(`begin; ${statements(pg.escapeLiteral(password))} commit`)
  } finally {
    await client.end()
  }
  url.username = role
  url.password = password
  return url.href
}

const statements = (password: string) => `
  do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if;
  end $$;
  alter role ${role} with login password ${password}
    nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit;
  grant usage on schema public to ${role};
  grant select, insert, update, delete on all tables in schema public to ${role};
  grant usage, select on all sequences in schema public to ${role};
  revoke all on _prisma_migrations from ${role};
  revoke update, delete on audit from ${role};
  revoke insert, update, delete on audit_link, audit_head, audit_unsealed from ${role};`
