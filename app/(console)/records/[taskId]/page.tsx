import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, denial } from '#components/denied.tsx'
import { Fault } from '#lib/core/fault.ts'
import { isTaskId } from '#lib/core/task.ts'
import { describeRefreshTaskById } from '#lib/operations/describe-refresh-tasks.ts'
import { LiveTask } from './live-task.tsx'

type Props = { params: Promise<{ taskId: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).taskId }
}

export default async function TaskPage({ params }: Props) {
  const { taskId } = await params
  const caller = await requireCaller(`/records/${taskId}`)
  if (!isTaskId(taskId)) notFound()
  const task = await describeRefreshTaskById(caller, { id: taskId }).catch((error: unknown) => {
    if (error instanceof Fault && error.code === 'EntityNotExist.Task') notFound()
    return denial(error)
  })
  if (task instanceof Fault) {
    const t = await getTranslations()
    const needs = t('policy.needs', { action: describeRefreshTaskById.action })
    return <Denied title={taskId} sentence={t('records.denied')} needs={needs} />
  }
  return <LiveTask initial={task} />
}
