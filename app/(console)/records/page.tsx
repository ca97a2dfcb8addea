import type { Metadata } from 'next'
import { getTranslations } from '#app/i18n.ts'
import { cachesSeen, domainsSeen } from '#app/reads.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, ifPermitted } from '#components/denied.tsx'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { cursorSchema, readFilter } from '#lib/core/record-filter.ts'
import { anchored, type FilterName, filterNames, type RecordFilter, writeFilter } from '#lib/core/records.ts'
import { requestAccess } from '#lib/operations/access-requests.ts'
import { countRecords, listRecords } from '#lib/operations/list-records.ts'
import { describeRetention, saveRetention } from '#lib/operations/save-retention.ts'
import { listViews, saveView } from '#lib/operations/saved-views.ts'
import { PurgeTabs } from '../purge-tabs.tsx'
import { RecordsView } from './records-view.tsx'
import { RetentionForm } from './retention-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('records.tab') }
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function RecordsPage({ searchParams }: Props) {
  const query = queryOf(await searchParams)
  const caller = await requireCaller(`/records?${query}`)
  const { filter, wrong } = readFilter(query)
  const before = cursorSchema.safeParse(query.get('before')).data
  const now = Date.now()
  const held = anchored(filter, now)
  const [found, count, views, retention, domains, caches] = await Promise.all([
    listRecords(caller, { filter: held, before }).catch(refusal),
    ifPermitted(countRecords(caller, held), null),
    ifPermitted(listViews(caller, {}), []),
    ifPermitted(describeRetention(caller, {}), null),
    domainsSeen(caller),
    cachesSeen(caller),
  ])
  if (found instanceof Fault && found.code === 'NoPermission' && filter.domain === undefined) {
    const t = await getTranslations()
    const needs = t('policy.needs', { action: listRecords.action })
    const ask = mayAnywhere(caller, requestAccess.action)
      ? { href: '/access/requests?ask=see', text: t('access.requests.ask') }
      : undefined
    return <Denied title={t('records.tab')} sentence={t('records.denied')} needs={needs} ask={ask} />
  }
  const list = found instanceof Fault ? { rows: [], next: null } : found
  const isNone = list.rows.length === 0 && before === undefined
  return (
    <>
      <PurgeTabs />
      {retention !== null && query.has('retention') && mayAnywhere(caller, saveRetention.action) ? (
        <RetentionForm days={retention} />
      ) : null}
      <RecordsView
        rows={list.rows}
        filter={filter}
        wrong={wrong}
        until={new Date(now).toISOString()}
        older={list.next === null ? null : String(withCursor(held, list.next))}
        isFirstPage={before === undefined}
        count={count}
        without={isNone && Object.keys(filter).length > 0 ? await countWithout(caller, held, filter) : []}
        refused={found instanceof Fault ? plain(found) : null}
        views={views}
        maySave={mayAnywhere(caller, saveView.action)}
        retention={{ days: retention, maySave: mayAnywhere(caller, saveRetention.action) }}
        domains={domains.map((domain) => domain.name)}
        caches={caches.map((cache) => cache.name)}
      />
    </>
  )
}

function queryOf(search: Record<string, string | string[] | undefined>): URLSearchParams {
  const pairs = Object.entries(search).map(([name, value]) => [name, [value].flat()[0] ?? ''])
  return new URLSearchParams(pairs as [string, string][])
}

const plain = ({ code, message, details }: Fault) => ({ code, message, details })

function refusal(error: unknown): Fault {
  if (error instanceof Fault) return error
  throw error
}

function withCursor(filter: RecordFilter, before: string): URLSearchParams {
  const query = writeFilter(filter)
  query.set('before', before)
  return query
}

/** Where nothing fits: how many there would be without each of the filters. */
async function countWithout(
  caller: Caller,
  held: RecordFilter,
  filter: RecordFilter,
): Promise<{ name: FilterName; count: number | null }[]> {
  const names = filterNames.filter((name) => filter[name] !== undefined)
  return Promise.all(
    names.map(async (name) => {
      // A window by its length is held by its ends.
      const dropped: FilterName[] = name === 'range' ? ['from', 'until'] : [name]
      const others = Object.fromEntries(
        Object.entries(held).filter(([each]) => !dropped.includes(each as FilterName)),
      )
      const counted = await ifPermitted(countRecords(caller, others), null)
      return { name, count: counted?.count ?? null }
    }),
  )
}
