import type { Metadata } from 'next'
import { getTranslations } from '#app/i18n.ts'
import { Sentences } from '#app/sentences.tsx'
import { requireCaller } from '#app/session.ts'
import { Denied, denial } from '#components/denied.tsx'
import { Fault } from '#lib/core/fault.ts'
import { ranges } from '#lib/core/overview.ts'
import { describeOverview } from '#lib/operations/describe-overview.ts'
import { OverviewView } from './overview/overview-view.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('overview.title') }
}

type Props = { searchParams: Promise<{ range?: string; figures?: string }> }

export default async function OverviewPage({ searchParams }: Props) {
  const [caller, given] = await Promise.all([requireCaller('/'), searchParams])
  const range = ranges.find((one) => one === given.range) ?? '24h'
  const figures = /^\d{1,9}$/.test(given.figures ?? '') ? Number(given.figures) : undefined
  const [t, read] = await Promise.all([
    getTranslations(),
    describeOverview(caller, { range, figures }).catch(denial),
  ])
  if (read instanceof Fault) {
    const needs = t('policy.needs', { action: describeOverview.action })
    return <Denied title={t('overview.title')} sentence={t('overview.denied')} needs={needs} />
  }
  return (
    <Sentences of={['overview', 'caches', 'first', 'quotaPage']}>
      <OverviewView initial={read} />
    </Sentences>
  )
}
