import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { z } from 'zod'
import { getTranslations } from '#app/i18n.ts'
import { cachesSeen } from '#app/reads.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { FirstSteps } from '#components/first-steps.tsx'
import type { Caller } from '#lib/core/caller.ts'
import { plainRules } from '#lib/core/domain-rules.ts'
import { Fault } from '#lib/core/fault.ts'
import { type Method, methods } from '#lib/core/line.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { roomOf } from '#lib/core/quota.ts'
import { isTaskId } from '#lib/core/task.ts'
import { requestAccess } from '#lib/operations/access-requests.ts'
import { describeRefreshQuota } from '#lib/operations/describe-refresh-quota.ts'
import { describeRefreshTasks, readTaskText } from '#lib/operations/describe-refresh-tasks.ts'
import { type DomainView, listDomains } from '#lib/operations/save-domain.ts'
import { whoMayGrant } from '#lib/operations/who-may-grant.ts'
import { settings } from '#lib/settings.ts'
import { PurgeTabs } from '../purge-tabs.tsx'
import { maxLinkText } from './address.ts'
import { LiveSubmission } from './live-submission.tsx'
import { type FormDomain, PurgeForm } from './purge-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('purge.tab') }
}

const searchSchema = z.object({
  submission: z.string().optional().catch(''),
  from: z.string().refine(isTaskId).optional().catch(undefined),
  method: z.enum(methods).optional().catch(undefined),
  text: z.string().max(maxLinkText).optional().catch(undefined),
  /** Tells visits apart whose lines are in the draft. */
  draft: z.string().max(20).optional().catch(undefined),
})
type Search = z.infer<typeof searchSchema>

export default async function PurgePage({ searchParams }: { searchParams: Promise<unknown> }) {
  const search = searchSchema.parse(await searchParams)
  const { submission } = search
  const given = Object.entries(search).filter(([, value]) => value !== undefined)
  const caller = await requireCaller(`/purge?${new URLSearchParams(given)}`)
  return (
    <>
      <PurgeTabs />
      {submission === undefined ? (
        <Form caller={caller} search={search} />
      ) : (
        <Live caller={caller} id={submission} />
      )}
    </>
  )
}

async function Live({ caller, id }: { caller: Caller; id: string }) {
  if (!/^\d{1,18}$/.test(id)) notFound()
  const tasks = await describeRefreshTasks(caller, { submissionId: id }).catch(denial)
  if (tasks instanceof Fault) {
    const t = await getTranslations()
    const needs = t('policy.needs', { action: describeRefreshTasks.action })
    return <Denied title={t('purge.accepted')} sentence={t('purge.unseen')} needs={needs} />
  }
  if (tasks.length === 0) notFound()
  return <LiveSubmission key={id} owner={String(caller.userId)} initial={tasks} />
}

async function Form({ caller, search }: { caller: Caller; search: Search }) {
  const [t, domains, caches, quota, initial] = await Promise.all([
    getTranslations(),
    listDomains(caller, {}).catch(denial),
    cachesSeen(caller),
    ifPermitted(describeRefreshQuota(caller, {}), null),
    initialOf(caller, search),
  ])
  if (domains instanceof Fault) {
    const needs = t('policy.needs', { action: listDomains.action })
    const ask = mayAnywhere(caller, requestAccess.action)
      ? { href: '/access/requests?ask=purge', text: t('access.requests.ask') }
      : undefined
    return <Denied title={t('purge.title')} sentence={t('purge.noDomains')} needs={needs} ask={ask} />
  }
  if (domains.length === 0)
    return <FirstSteps done={{ cache: caches.length > 0, domain: false, task: false }} />
  const demo = domains.find((domain) => domain.demo)
  const deniedFor = (action: string) =>
    mayAnywhere(caller, action) ? undefined : t('purge.denied', { action })
  return (
    <PurgeForm
      // Another link is another form, also from the form itself.
      key={JSON.stringify(search)}
      owner={String(caller.userId)}
      domains={domains.map(formDomain)}
      caches={caches}
      firstKey={randomUUID()}
      demo={demo ? { url: `https://${demo.name}/`, site: settings().demo?.site ?? null } : null}
      initial={initial}
      pools={quota?.pools ?? []}
      room={quota ? roomOf(quota.limits, quota.pools) : {}}
      resetsAt={new Date(quota?.resetsAtMs ?? 0).toISOString()}
      queued={quota?.queued ?? 0}
      // Not what proves who it is.
      rights={
        caller.role === 'user'
          ? { caller: { ...caller, via: null }, grantors: await whoMayGrant(caller.accountId) }
          : null
      }
      denied={{
        purge: deniedFor('dcdn:RefreshDcdnObjectCaches'),
        prefetch: deniedFor('dcdn:PreloadDcdnObjectCaches'),
      }}
    />
  )
}

function formDomain({ name, caches, shared, settings: own }: DomainView): FormDomain {
  const { query, rewrites, schemeInKey, prefetchEdges, allowCredentials } = own
  const rules = { query, rewrites, schemeInKey }
  const isPlain = JSON.stringify(rules) === JSON.stringify(plainRules)
  return {
    name,
    caches,
    prefetchEdges,
    allowCredentials,
    ...(isPlain ? {} : { rules }),
    ...(shared.length === 0 ? {} : { shared: shared.map((other) => other.name) }),
  }
}

/** What the box begins with: the lines of a past task, or a text that a link brings. */
async function initialOf(
  caller: Caller,
  { from, method, text }: Search,
): Promise<{ text: string; method: Method; domain?: string; headers?: string } | null> {
  if (from === undefined) return method || text ? { text: text ?? '', method: method ?? 'url' } : null
  try {
    const past = await readTaskText(caller, { id: from })
    return { ...past, method: method ?? past.method }
  } catch (error) {
    if (error instanceof Fault && ['EntityNotExist.Task', 'NoPermission'].includes(error.code)) return null
    throw error
  }
}
