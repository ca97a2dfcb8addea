'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { GroupView } from '#lib/operations/save-group.ts'
import { PolicyNames } from '../policy-names.tsx'

/** A group with the first of its members, and whether there are more. */
type ListedGroup = GroupView & { more: boolean }
type May = { maySave: boolean; mayRemove: boolean; mayAttach: boolean; mayGrant: boolean }

/** The groups of the account, who is in them and what they hold. */
export function GroupTable({ groups, ...may }: { groups: ListedGroup[] } & May) {
  const t = useTranslations('access.groups')
  return (
    <ScrollTable label={t('title')} width="min-w-[860px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[180px]">{t('name')}</th>
          <th>{t('members')}</th>
          <th className="w-[30%]">{t('policies')}</th>
          <th className="w-[260px]">
            <span className="sr-only">{t('acts')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <tr
            key={group.id}
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="truncate" title={group.name}>
              {group.name}
            </td>
            <td className="max-w-0 truncate" title={namesOf(group)}>
              {namesOf(group) || <span className="text-muted">{t('empty')}</span>}
            </td>
            <td className="max-w-0 truncate">
              <PolicyNames policies={group.policies} />
            </td>
            <td>
              <Acts group={group} {...may} />
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

const namesOf = ({ members, more }: ListedGroup) =>
  [...members.map((member) => member.name), ...(more ? ['…'] : [])].join(', ')

function Acts({ group: { id }, maySave, mayRemove, mayAttach, mayGrant }: { group: GroupView } & May) {
  const t = useTranslations('access')
  const acts = [
    { href: `/access/groups?grant=${id}`, text: t('grant.act'), may: mayGrant },
    { href: `/access/groups?hold=${id}`, text: t('change'), may: mayAttach },
    { href: `/access/groups?members=${id}`, text: t('groups.members'), may: maySave },
    { href: `/access/groups?remove=${id}`, text: t('groups.remove'), may: mayRemove },
  ]
  return (
    <div className="flex justify-end gap-x-3 whitespace-nowrap">
      {acts
        .filter(({ may }) => may)
        .map(({ href, text }) => (
          <Link key={href} href={href} className={link}>
            {text}
          </Link>
        ))}
    </div>
  )
}
