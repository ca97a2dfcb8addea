import type { Metadata } from 'next'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { describeRefreshTasks } from '#lib/operations/describe-refresh-tasks.ts'
import { PurgeTabs } from '../purge-tabs.tsx'
import { RecordsView } from './records-view.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('records.tab') }
}

export default async function RecordsPage({ searchParams }: { searchParams: Promise<{ before?: string }> }) {
  const { before } = await searchParams
  const caller = await requireCaller('/records')
  const page = before && /^\d{16}$/.test(before) ? { before, limit: 50 } : { limit: 50 }
  const tasks = await describeRefreshTasks(caller, page)
  return (
    <>
      <PurgeTabs />
      <RecordsView key={before ?? ''} initial={tasks} isFirstPage={before === undefined} />
    </>
  )
}
