import type { Metadata } from 'next'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, denial } from '#components/denied.tsx'
import { type ActionName, actionNames } from '#lib/core/actions.ts'
import { modes } from '#lib/core/command.ts'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import { listUsers } from '#lib/operations/save-user.ts'
import { type SimulatedRequest, simulatePolicy, summariseRights } from '#lib/operations/simulate-policy.ts'
import { AccessHead } from '../access-head.tsx'
import { RightsTable } from './rights-table.tsx'
import { RequestForm, Verdict } from './verdict.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.simulate.title') }
}

type Asked = Partial<
  Record<'user' | 'action' | 'on' | 'method' | 'mode' | 'lines' | 'address' | 'at', string>
>

export default async function SimulatePage({ searchParams }: { searchParams: Promise<Asked> }) {
  const caller = await requireCaller('/access/simulate')
  const [asked, t, users] = await Promise.all([
    searchParams,
    getTranslations(),
    listUsers(caller, {}).catch(denial),
  ])
  if (users instanceof Fault) {
    const needs = t('policy.needs', { action: simulatePolicy.action })
    return <Denied title={t('access.simulate.title')} sentence={t('access.simulate.denied')} needs={needs} />
  }
  const request = requestOf(asked, users[0]?.id ?? 0)
  const isAsked = asked.action !== undefined
  const [answer, rights] = await Promise.all([
    isAsked ? simulatePolicy(caller, request).catch(fault) : null,
    summariseRights(caller, { userId: request.userId }).catch(fault),
  ])
  const named = users.map(({ id, name }) => ({ id, name }))
  const user = named.find((one) => one.id === request.userId)
  return (
    <>
      <AccessHead caller={caller} at="simulate" />
      <RequestForm request={request} users={named} />
      {answer instanceof Fault ? (
        <p className="mb-4 rounded-md bg-fail-soft px-3 py-2 text-fail">{answer.message}</p>
      ) : null}
      {answer && !(answer instanceof Fault) ? <Verdict {...answer} name={user?.name ?? ''} /> : null}
      {rights instanceof Fault ? null : <RightsTable name={user?.name ?? ''} rights={rights} />}
    </>
  )
}

function requestOf(
  asked: Asked,
  firstUser: number,
): SimulatedRequest & { userId: number; action: ActionName } {
  const at = asked.at ? new Date(`${asked.at}Z`) : null
  return {
    userId: Number(asked.user ?? firstUser),
    action: actionNames.find((name) => name === asked.action) ?? 'dcdn:RefreshDcdnObjectCaches',
    on: asked.on ?? '',
    method: methods.find((one) => one === asked.method) ?? 'url',
    mode: modes.find((one) => one === asked.mode) ?? 'hard',
    lineCount: Math.max(1, Math.trunc(Number(asked.lines)) || 1),
    address: asked.address ?? '',
    at: at && !Number.isNaN(at.getTime()) ? at.toISOString() : null,
  }
}

function fault(error: unknown): Fault {
  if (error instanceof Fault) return error
  throw error
}
