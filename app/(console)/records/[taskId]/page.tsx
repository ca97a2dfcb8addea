import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { requireCaller } from '#app/session.ts'
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
    throw error
  })
  return <LiveTask initial={task} />
}
