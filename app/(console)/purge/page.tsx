import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { describeRefreshTasks } from '#lib/operations/describe-refresh-tasks.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { settings } from '#lib/settings.ts'
import { PurgeTabs } from '../purge-tabs.tsx'
import { FirstSteps } from './first-steps.tsx'
import { LiveSubmission } from './live-submission.tsx'
import { PurgeForm } from './purge-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('purge.tab') }
}

type Props = { searchParams: Promise<{ submission?: string }> }

export default async function PurgePage({ searchParams }: Props) {
  const { submission } = await searchParams
  const path = submission ? `/purge?submission=${encodeURIComponent(submission)}` : '/purge'
  const caller = await requireCaller(path)
  if (submission !== undefined) {
    if (!/^\d{1,18}$/.test(submission)) notFound()
    const tasks = await describeRefreshTasks(caller, { submissionId: submission })
    if (tasks.length === 0) notFound()
    return (
      <>
        <PurgeTabs />
        <LiveSubmission key={submission} initial={tasks} />
      </>
    )
  }
  const [domains, caches] = await Promise.all([listDomains(caller, {}), listCaches(caller, {})])
  const demo = domains.find((domain) => domain.demo)
  return (
    <>
      <PurgeTabs />
      {domains.length === 0 ? (
        <FirstSteps hasCaches={caches.length > 0} />
      ) : (
        <PurgeForm
          domains={domains}
          caches={caches}
          firstKey={randomUUID()}
          demo={demo ? { url: `https://${demo.name}/`, site: settings().demo?.site ?? null } : null}
        />
      )}
    </>
  )
}
