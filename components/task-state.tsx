'use client'

import { useTranslations } from 'use-intl'
import { hasBegun, needsAttention, type TaskSnapshot } from '#lib/core/task.ts'
import { Chip } from './ui/chip.tsx'

/** The state of a task as a chip: amber where it waits for a cache, red where something failed. */
export function TaskState({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('state')
  const waiting = task.caches.filter((cache) => needsAttention(cache)).length
  const isOpen = task.state === 'pending' || task.state === 'running'
  const tone =
    task.state === 'complete'
      ? 'bg-accent-soft text-accent'
      : task.state === 'failed' || task.state === 'partial'
        ? 'bg-fail-soft text-fail'
        : waiting > 0
          ? 'bg-wait-soft text-wait'
          : 'text-muted ring-1 ring-line ring-inset'
  return (
    <Chip tone={tone}>
      {isOpen && waiting > 0
        ? t('waiting', { count: waiting })
        : t(isOpen && hasBegun(task) ? 'running' : task.state)}
    </Chip>
  )
}
