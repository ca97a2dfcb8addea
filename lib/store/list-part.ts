import type { ListPart } from '#lib/core/list-part.ts'
import { Prisma } from './client.ts'

/** The end of a query for a list: of those whose words have the text that is searched for, in order, a part. */
export function partOf(part: ListPart | undefined, words: Prisma.Sql, order: Prisma.Sql): Prisma.Sql {
  const { search, from, limit = null } = part ?? { search: '', from: 0 }
  return Prisma.sql`and strpos(lower(${words}), lower(${search})) > 0
    order by ${order} offset ${from}::int limit ${limit}::int`
}
