import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { policiesSeen } from '#app/reads.ts'
import { requireCaller } from '#app/session.ts'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { type GroupView, listGroups, removeGroup, saveGroup } from '#lib/operations/save-group.ts'
import { attachPolicies, grantAccess } from '#lib/operations/save-policy.ts'
import { listUsers } from '#lib/operations/save-user.ts'
import { AccessHead } from '../access-head.tsx'
import { GrantForm } from '../grant-form.tsx'
import { HoldForm } from '../hold-form.tsx'
import { removeGroupAction } from './actions.ts'
import { GroupForm } from './group-form.tsx'
import { GroupTable } from './group-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.groups.title') }
}

/** More names are not read, and a group may have thousands. */
const mostNamed = 20
const listed = (group: GroupView) => ({
  ...group,
  members: group.members.slice(0, mostNamed),
  more: group.members.length > mostNamed,
})

type Asked = { add?: string; members?: string; hold?: string; grant?: string; remove?: string }
const back = '/access/groups'

export default async function GroupsPage({ searchParams }: { searchParams: Promise<Asked> }) {
  const caller = await requireCaller(back)
  const asked = await searchParams
  const [t, groups] = await Promise.all([getTranslations(), listGroups(caller, {}).catch(denial)])
  if (groups instanceof Fault) {
    const needs = t('policy.needs', { action: listGroups.action })
    return <Denied title={t('access.groups.title')} sentence={t('access.groups.denied')} needs={needs} />
  }
  const maySave = mayAnywhere(caller, saveGroup.action)
  const may = {
    maySave,
    mayRemove: mayAnywhere(caller, removeGroup.action),
    mayAttach: mayAnywhere(caller, attachPolicies.action),
    mayGrant: mayAnywhere(caller, grantAccess.action),
  }
  const chosen = (id: string | undefined) => groups.find((group) => String(group.id) === id)
  const [withMembers, holding, granted, removed] = [asked.members, asked.hold, asked.grant, asked.remove].map(
    chosen,
  )
  return (
    <>
      <AccessHead caller={caller} at="groups">
        {maySave ? (
          <Link href="/access/groups?add=1" className={primaryButton}>
            {t('access.groups.add')}
          </Link>
        ) : null}
      </AccessHead>
      {maySave && (asked.add !== undefined || withMembers) ? (
        <GroupForm
          key={withMembers?.id ?? 'new'}
          group={withMembers ?? null}
          users={(await ifPermitted(listUsers(caller, {}), []))
            .filter((user) => user.role === 'user')
            .map(({ id, name }) => ({ id, name }))}
        />
      ) : null}
      {may.mayAttach && holding ? (
        <HoldForm
          key={holding.id}
          holder={{ is: 'group', ...holding }}
          policies={await policiesSeen(caller)}
          held={holding.policies.map((policy) => policy.name)}
          back={back}
        />
      ) : null}
      {may.mayGrant && granted ? (
        <GrantForm
          key={granted.id}
          holder={{ is: 'group', ...granted }}
          domains={(await ifPermitted(listDomains(caller, {}), [])).map((domain) => domain.name)}
          back={back}
        />
      ) : null}
      {may.mayRemove && removed ? (
        <ConfirmForm
          isRemoval
          action={removeGroupAction}
          id={removed.id}
          question={t('access.groups.removeConfirm', { name: removed.name, count: removed.members.length })}
          yes={t('access.groups.removeYes', { name: removed.name })}
          back={back}
        />
      ) : null}
      {groups.length === 0 ? (
        <p className="rounded-lg border border-line border-dashed px-4 py-10 text-center text-muted">
          {t('access.groups.none')}
        </p>
      ) : (
        <GroupTable groups={groups.map(listed)} {...may} />
      )}
    </>
  )
}
