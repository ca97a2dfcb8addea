import type { ReactNode } from 'react'
import { getTranslations } from '#app/i18n.ts'
import { Tabs } from '#components/nav.tsx'
import { PageTitle } from '#components/page-title.tsx'
import type { ActionName } from '#lib/core/actions.ts'
import type { Caller } from '#lib/core/caller.ts'
import { mayAnywhere } from '#lib/core/policy.ts'

/** Each with the actions of which any one opens it. */
const places = [
  { path: '/access', name: 'users', actions: ['freshet:ListUsers'] },
  { path: '/access/groups', name: 'groups', actions: ['freshet:ListGroups'] },
  { path: '/access/policies', name: 'policies', actions: ['freshet:ListPolicies'] },
  { path: '/access/keys', name: 'keys', actions: ['freshet:ListAccessKeys'] },
  {
    path: '/access/requests',
    name: 'requests',
    actions: ['freshet:ListAccessRequests', 'freshet:RequestAccess'],
  },
  { path: '/access/simulate', name: 'simulate', actions: ['freshet:SimulatePolicy'] },
] as const satisfies { path: string; name: string; actions: ActionName[] }[]

/** The parts of Access that a caller may see; the first is where its entry in the rail leads. */
export function accessPlaces(caller: Caller): (typeof places)[number][] {
  return places.filter(({ actions }) => actions.some((action) => mayAnywhere(caller, action)))
}

type Props = { caller: Caller; at: (typeof places)[number]['name']; children?: ReactNode }

/** The title of a part of Access, its main acts, and the other parts that the caller may see. */
export async function AccessHead({ caller, at, children }: Props) {
  const t = await getTranslations()
  return (
    <>
      <PageTitle title={t('access.title')} intro={t(`access.intro.${at}`)}>
        {children}
      </PageTitle>
      <Tabs
        label={t('access.title')}
        tabs={accessPlaces(caller).map(({ path, name }) => ({
          href: path,
          text: t(`access.tabs.${name}`),
          exact: path === '/access',
        }))}
      />
    </>
  )
}
