'use client'

import { useTranslations } from 'use-intl'
import type { HeaderSet } from '#lib/core/header-sets.ts'
import type { TaskSnapshot } from '#lib/core/task.ts'
import { Moment } from './moment.tsx'

/** Who, when, how: the line under a task's title. */
export function TaskHead({ task }: { task: TaskSnapshot }) {
  const t = useTranslations()
  return (
    <p className="mt-0.5 text-muted">
      {t('task.by', { actor: task.actor, source: t(`source.${task.source}` as never) })}
      {task.keyId ? ` · ${t('task.byKey', { id: task.keyId })}` : ''}
      {task.address ? ` ${t('task.address', { address: task.address })}` : ''} · {t('task.submitted')}{' '}
      <Moment at={task.acceptedAt} zone />
      {task.operation === 'purge' ? ` · ${t(`mode.${task.mode}` as never)}` : ''}
      {task.forbidden ? ` · ${t('task.forbidden')}` : ''}
      {task.operation === 'prefetch' && task.headers.length > 0
        ? ` · ${t('task.headers', { headers: wordsOf(task.headers) })}`
        : ''}
      {Object.keys(task.asked).length > 0
        ? ` · ${t('task.asked', { what: wordsOf([Object.entries(task.asked)]) })}`
        : ''}
      {task.also.length > 0 ? ` · ${t('task.also', { names: task.also.join(', ') })}` : ''}
      {task.note ? ` · ${t('task.note', { note: task.note })}` : ''} ·{' '}
      <span className="font-mono text-sm">{task.id}</span>
    </p>
  )
}

const wordsOf = (sets: readonly HeaderSet[]) =>
  sets.map((set) => set.map(([name, value]) => `${name}: ${value}`).join(', ')).join(' | ')
