'use client'

import { useTranslations } from 'use-intl'
import { Choices } from '#components/ui/choices.tsx'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import type { GroupView } from '#lib/operations/save-group.ts'
import { saveGroupAction } from './actions.ts'

type Props = { group: GroupView | null; users: { id: number; name: string }[] }

/** Adds a group, or says who is in it. */
export function GroupForm({ group, users }: Props) {
  const t = useTranslations('access.groups')
  return (
    <SheetForm
      action={saveGroupAction}
      title={group ? t('changeTitle', { name: group.name }) : t('add')}
      help={t('help')}
      save={t('save')}
      back="/access/groups"
    >
      {group ? (
        <>
          <input type="hidden" name="id" value={group.id} />
          <input type="hidden" name="name" value={group.name} />
        </>
      ) : (
        <div className="max-w-[380px]">
          <Field name="name" label={t('name')} required autoFocus autoComplete="off" spellCheck={false} />
        </div>
      )}
      <Choices
        type="checkbox"
        name="user"
        legend={t('members')}
        options={users.map(({ id, name }) => ({ value: String(id), text: name }))}
        chosen={group?.members.map((member) => String(member.id)) ?? []}
        columns
      />
    </SheetForm>
  )
}
