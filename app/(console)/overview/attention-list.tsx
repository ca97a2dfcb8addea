'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Moment } from '#components/moment.tsx'
import { useResetTime } from '#components/quota-meter.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { link, panel } from '#components/ui/classes.ts'
import type { AskedAccess, Attention, FailedTask, Overview } from '#lib/core/overview.ts'
import { useWish } from '../quotas/words.ts'

const row = 'flex flex-wrap items-center gap-x-3 gap-y-0.5 border-line border-t px-3 py-2 md:min-h-[38px]'

/** What a person should look at, and where; one calm line where there is nothing. */
export function AttentionList({ overview }: { overview: Overview }) {
  const t = useTranslations('overview')
  const { attention, more, resetsAtMs } = overview
  const count = attention.length + Object.values(more).reduce((sum, one) => sum + one, 0)
  return (
    <section className={panel} aria-labelledby="attention">
      <h2 id="attention" className="px-3 py-2 font-medium text-muted text-xs">
        {t('attention')}
        <span className="sr-only" role="status">
          {t('attentionCount', { count })}
        </span>
      </h2>
      {attention.length === 0 ? (
        <p className={`${row} text-muted`}>{t('calm')}</p>
      ) : (
        <ul>
          {attention.map((one) => (
            <AttentionRow key={keyOf(one)} attention={one} resetsAt={new Date(resetsAtMs).toISOString()} />
          ))}
          <More more={more} />
        </ul>
      )}
    </section>
  )
}

function keyOf(one: Attention): string {
  if (one.is === 'cache') return `cache ${one.id}`
  if (one.is === 'task') return `task ${one.task.id}`
  if (one.is === 'request' || one.is === 'access') return `${one.is} ${one.request.id}`
  return one.is === 'pool' ? `pool ${one.pool.pool}` : one.is
}

function AttentionRow({ attention, resetsAt }: { attention: Attention; resetsAt: string }) {
  switch (attention.is) {
    case 'worker':
      return <WorkerRow since={attention.since} />
    case 'cache':
      return <CacheRow cache={attention} />
    case 'task':
      return <TaskRow task={attention.task} />
    case 'request':
      return <RequestRow request={attention.request} />
    case 'access':
      return <AccessRow request={attention.request} />
    case 'pool':
      return <PoolRow pool={attention.pool} resetsAt={resetsAt} />
  }
}

type Tone = 'wait' | 'fail' | 'asks'

const tones: Record<Tone, string> = {
  wait: 'bg-wait-soft text-wait',
  fail: 'bg-fail-soft text-fail',
  asks: 'text-muted ring-1 ring-line ring-inset',
}

function Row({
  tone,
  chip,
  href,
  act,
  about,
  children,
}: {
  tone: Tone
  chip: string
  href?: string
  act?: string
  /** What the link is about, for who hears it alone. */
  about?: string
  children: ReactNode
}) {
  return (
    <li className={row}>
      <span className="w-[104px] shrink-0">
        <Chip tone={tones[tone]}>{chip}</Chip>
      </span>
      <span className="order-last min-w-0 basis-full break-words md:order-none md:flex-1 md:basis-0">
        {children}
      </span>
      {href ? (
        <Link href={href} className={`${link} ml-auto shrink-0`}>
          {act}
          <span className="sr-only"> {about}</span>
        </Link>
      ) : null}
    </li>
  )
}

function AccessRow({ request: { id, userName, domain } }: { request: AskedAccess }) {
  const t = useTranslations('overview')
  return (
    <Row
      tone="asks"
      chip={t('chip.asks')}
      href={`/access/requests?grant=${id}`}
      act={t('decide')}
      about={userName}
    >
      {t('asksRight', { name: userName, domain })}
    </Row>
  )
}

function WorkerRow({ since }: { since: string | null }) {
  const t = useTranslations('overview')
  return (
    <Row tone="fail" chip={t('chip.worker')}>
      {since === null ? t('noWorker') : t.rich('workerGone', { at: () => <Moment at={since} /> })}
    </Row>
  )
}

function CacheRow({ cache }: { cache: Attention & { is: 'cache' } }) {
  const t = useTranslations()
  const { name, paused, cause, detail, since, waiting } = cache
  return (
    <Row
      tone="wait"
      chip={t(`overview.chip.${paused ? 'paused' : 'down'}`)}
      href={`/caches#cache-${cache.id}`}
      act={t('overview.seeCache')}
      about={name}
    >
      <span title={detail}>
        {t.rich(paused ? 'overview.paused' : 'overview.down', {
          name: () => <span className="font-medium">{name}</span>,
          at: () => <Moment at={since} />,
          cause: t(`cause.${cause}` as never),
        })}
      </span>{' '}
      <span className="text-muted">
        {t(paused ? 'overview.waitPaused' : 'overview.waitDown', { count: waiting })}
      </span>
    </Row>
  )
}

function TaskRow({ task }: { task: FailedTask }) {
  const t = useTranslations()
  const { id, state, operation, domain, target, lines, caches, cache, cause, detail } = task
  const what = target.startsWith('/') ? domain + target : target.replace(/^https?:\/\//i, '')
  return (
    <Row
      tone="fail"
      chip={t(`state.${state}`)}
      href={`/records/${id}`}
      act={t('overview.seeTask')}
      about={what}
    >
      {t.rich(operation === 'prefetch' ? 'overview.prefetchOf' : 'overview.purgeOf', {
        what: () => <span className="break-all font-mono text-sm">{what}</span>,
        more: lines - 1,
      })}{' '}
      <span className="text-muted">
        {t('overview.failedAt', {
          cache,
          more: Math.max(0, caches - 1),
          cause: t(`cause.${cause}` as never),
        })}
        {detail ? ` (${detail})` : ''}
      </span>
    </Row>
  )
}

function RequestRow({ request }: { request: (Attention & { is: 'request' })['request'] }) {
  const t = useTranslations('overview')
  const wish = useWish()
  const { requestedBy: name } = request
  return (
    <Row tone="asks" chip={t('chip.asks')} href="/quotas" act={t('decide')} about={name}>
      {t('asksFor', { name, wish: wish(request) })}
    </Row>
  )
}

function PoolRow({ pool, resetsAt }: { pool: (Attention & { is: 'pool' })['pool']; resetsAt: string }) {
  const t = useTranslations()
  const clock = useResetTime()
  const name = t(`method.${pool.pool}`)
  return (
    <Row tone="wait" chip={t('overview.chip.quota')} href="/quotas" act={t('overview.seeQuota')} about={name}>
      {t('overview.poolLeft', { name, left: pool.left, limit: pool.limit })}{' '}
      <span className="text-muted" suppressHydrationWarning>
        {t('quota.resets', { at: clock(resetsAt) })}
      </span>
    </Row>
  )
}

const moreOf: Record<keyof Overview['more'], string> = {
  cache: '/caches',
  task: '/records?status=unsuccessful',
  request: '/quotas',
  access: '/access/requests',
  pool: '/quotas',
}

function More({ more }: { more: Overview['more'] }) {
  const t = useTranslations('overview')
  const kinds = Object.keys(more) as (keyof Overview['more'])[]
  if (kinds.length === 0) return null
  return (
    <li className={`${row} md:pl-[128px]`}>
      {kinds.map((is) => (
        <Link key={is} href={moreOf[is]} className={link}>
          {t(`more.${is}`, { count: more[is] ?? 0 })}
        </Link>
      ))}
    </li>
  )
}
