'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Moment } from '#components/moment.tsx'
import { Refusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { link, panel, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { CacheKind } from '#lib/core/capabilities.ts'
import type { CacheView } from '#lib/operations/list-caches.ts'
import { testAction } from './actions.ts'

export function CacheTable({ caches, maySave }: { caches: CacheView[]; maySave: boolean }) {
  const t = useTranslations('caches')
  return (
    <ScrollTable label={t('title')} width="min-w-[960px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[16%]">{t('name')}</th>
          <th>{t('health')}</th>
          <th className="w-[18%]">{t('kind')}</th>
          <th className="w-[19%]">{t('address')}</th>
          <th className="w-[270px]">
            <span className="sr-only">{t('test')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {caches.map((cache) => (
          <CacheRow key={cache.id} cache={cache} maySave={maySave} />
        ))}
      </tbody>
    </ScrollTable>
  )
}

function CacheRow({ cache, maySave }: { cache: CacheView; maySave: boolean }) {
  const t = useTranslations()
  const [state, submit, pending] = useActionState(testAction, { is: 'idle' })
  return (
    <>
      <tr
        id={`cache-${cache.id}`}
        className="border-line border-t align-top target:bg-accent-soft [&>td]:px-3 [&>td]:py-2"
      >
        <td className="truncate" title={`${cache.name} ${cache.pop}`}>
          {cache.name} <span className="text-muted">{cache.pop}</span>
        </td>
        <td>
          <Health cache={cache} />
        </td>
        <td>
          {t(`cacheKind.${cache.kind as CacheKind}`)}
          {cache.tier === 'shield' ? <span className="text-muted"> · {t('tier.shield')}</span> : null}
          {cache.region ? <span className="text-muted"> · {cache.region}</span> : null}
        </td>
        <td className="truncate font-mono text-sm" title={cache.address}>
          {cache.address}
        </td>
        <td>
          <div className="flex justify-end gap-x-3 whitespace-nowrap">
            <ActionForm action={submit}>
              <input type="hidden" name="id" value={cache.id} />
              <button type="submit" className={link} disabled={pending}>
                {pending ? t('caches.testing') : t('caches.test')}
              </button>
            </ActionForm>
            {maySave ? (
              <>
                <Link href={`/caches?change=${cache.id}`} className={link}>
                  {t('caches.change')}
                </Link>
                <Link href={`/caches?remove=${cache.id}`} className={link}>
                  {t('caches.remove')}
                </Link>
              </>
            ) : null}
          </div>
        </td>
      </tr>
      {state.is === 'idle' ? null : (
        <tr aria-label={cache.name}>
          <td colSpan={5} className="px-3 pb-2" role="status">
            {state.is === 'done' ? <ProbeWords answer={state.answer} /> : <Refusal state={state} />}
          </td>
        </tr>
      )}
    </>
  )
}

function Health({ cache }: { cache: CacheView }) {
  const t = useTranslations()
  const words = t(`caches.health_${cache.status}`)
  if (cache.status === 'up') return <span className="text-accent">{words}</span>
  if (cache.status === 'unknown') return <span className="text-muted">{words}</span>
  return (
    <>
      <span className="text-wait">
        {words} {t('caches.since')} <Moment at={cache.since} />:{' '}
        {cache.cause ? t(`cause.${cache.cause}` as never) : ''}
        {cache.detail ? <span className="break-words"> ({cache.detail})</span> : null}
      </span>{' '}
      <span className="text-muted">
        {cache.status === 'paused' ? t('caches.nextPaused') : t('caches.nextWaiting')}
      </span>
    </>
  )
}

type Answer = { ok: boolean; proved: string[]; cause?: string; detail: string; ms: number } | null

/** What a test proved, or why it failed. */
function ProbeWords({ answer }: { answer: Answer }) {
  const t = useTranslations()
  if (answer === null) return <span className="text-wait">{t('caches.noWorker')}</span>
  const proved = answer.proved.map((step) => t(`caches.proved.${step}` as never)).join(t('caches.comma'))
  if (answer.ok)
    return <span className="text-accent">{t('caches.ok', { ms: Math.round(answer.ms), proved })}</span>
  const cause = t(`cause.${answer.cause ?? 'unexpected'}` as never)
  return <span className="text-fail">{t('caches.failed', { cause, detail: answer.detail })}</span>
}
