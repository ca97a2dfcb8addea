import type { Metadata } from 'next'
import { getTranslations, preferences } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, denial } from '#components/denied.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { parseAuditFilter } from '#lib/core/audit-filter.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { exportAudit } from '#lib/operations/export-audit.ts'
import { auditIdSchema, describeAuditEntry, listAudit } from '#lib/operations/list-audit.ts'
import { AuditSearch } from './audit-search.tsx'
import { AuditView } from './audit-view.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('audit.title') }
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function AuditPage({ searchParams }: Props) {
  const asked = await searchParams
  const one = (name: string) => [asked[name]].flat()[0]
  const q = (one('q') ?? '').trim().slice(0, 4_000)
  const caller = await requireCaller(`/audit?${new URLSearchParams({ q })}`)
  const before = auditIdSchema.safeParse(one('before')).data
  const entry = auditIdSchema.safeParse(one('entry')).data
  const [t, { timeZone }] = await Promise.all([getTranslations(), preferences()])
  const { filter, problems } = parseAuditFilter(q, timeZone)
  const found = await listAudit(caller, { filter, before }).catch(denial)
  if (found instanceof Fault) {
    return (
      <Denied
        title={t('audit.title')}
        sentence={t('audit.denied')}
        needs={t('policy.needs', { action: listAudit.action })}
      />
    )
  }
  const isListed = found.entries.some(({ id }) => id === entry)
  const linked = entry && !isListed ? await describeAuditEntry(caller, { id: entry }) : null
  return (
    <>
      <PageTitle title={t('audit.title')} intro={t('audit.intro')} />
      <AuditSearch key={q} q={q} entries={found.entries} problems={problems} />
      <AuditView
        // Another page or another search begins anew.
        key={`${q} ${before ?? ''}`}
        first={found}
        linked={linked}
        open={entry ?? null}
        q={q}
        before={before ?? null}
        mayExport={problems.length === 0 && mayAnywhere(caller, exportAudit.action)}
      />
    </>
  )
}
