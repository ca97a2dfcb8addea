'use client'

import Link from 'next/link'
import { useActionState, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { finalStates, type TaskSnapshot } from '#lib/core/task.ts'
import { copyText } from './copy.ts'
import type { FormAction } from './form-state.ts'
import { newKey } from './new-key.ts'
import { Refusal } from './refusal.tsx'
import { ActionForm } from './ui/action-form.tsx'
import { button } from './ui/classes.ts'

/** What can be done about a past task. */
export function TaskActions({
  task,
  retry,
  page = false,
}: {
  task: TaskSnapshot
  retry: FormAction<void>
  /** Whether its own page is elsewhere. */
  page?: boolean
}) {
  const t = useTranslations('task')
  const hasFailed = task.caches.some((cache) => cache.failed > 0 && cache.notes?.cause !== 'removed')
  const mayRetry = hasFailed && finalStates.includes(task.state) && task.kind !== 'everything'
  return (
    <div data-actions className="flex flex-wrap gap-2">
      {mayRetry ? <Retry task={task} retry={retry} /> : null}
      {task.kind === 'everything' ? null : (
        <Link href={`/purge?from=${task.id}`} className={button} data-key={mayRetry ? undefined : 'r'}>
          {t('again')}
        </Link>
      )}
      {task.kind === 'url' ? (
        <Link href={`/purge?from=${task.id}&method=prefetch`} className={button}>
          {t('prefetchThese')}
        </Link>
      ) : null}
      {task.kind === 'url' || task.kind === 'prefetch' ? <CopyAsCurl task={task} /> : null}
      {page ? (
        <Link href={`/records/${task.id}`} className={button}>
          {t('page')}
        </Link>
      ) : (
        <button type="button" className={button} onClick={() => window.print()}>
          {t('print')}
        </button>
      )}
    </div>
  )
}

function Retry({ task, retry }: { task: TaskSnapshot; retry: FormAction<void> }) {
  const t = useTranslations('task')
  const [state, submit, pending] = useActionState(retry, { is: 'idle' })
  const [key, setKey] = useState('')
  // Each visit is a try of its own, and a second click is the same one.
  useEffect(() => setKey(newKey()), [])
  return (
    <ActionForm action={submit}>
      <input type="hidden" name="taskId" value={task.id} />
      <input type="hidden" name="key" value={key} />
      <button type="submit" data-key="r" className={button} disabled={pending || key === ''}>
        {t('retry', { count: task.missedLines })}
      </button>
      <Refusal state={state} />
    </ActionForm>
  )
}

/** The request that reads the first line, as a cache or a reader would send it. */
function CopyAsCurl({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('task')
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await copyText(curlOf(task))
    setCopied(true)
  }
  return (
    <button type="button" className={button} onClick={copy} title={t('curlHelp')}>
      {t(copied ? 'copied' : 'curl')}
    </button>
  )
}

/** @returns a command that shows status and fields of the answer, and throws the body away */
function curlOf({ firstLine, headers }: TaskSnapshot): string {
  const [first = []] = headers
  const fields = first.map(([name, value]) => ` -H ${quoted(`${name}: ${value}`)}`).join('')
  return `curl -sS -D - -o /dev/null${fields} ${quoted(firstLine)}`
}

/** A word that no shell reads anything into. */
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
