'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { CopyButton } from '#components/copy-button.tsx'
import { Choices } from '#components/ui/choices.tsx'
import { button, field, panel, primaryButton } from '#components/ui/classes.ts'
import { Field, Select, TextArea } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import type { AccessKeyView, NewAccessKey } from '#lib/operations/access-keys.ts'
import { changeKeyAction, createKeyAction } from './actions.ts'

type Props = { users: { id: number; name: string }[]; chosen: string | undefined }

/** Makes a key for somebody, and shows its secret this once. */
export function CreateKeyForm({ users, chosen }: Props) {
  const t = useTranslations('access.keys')
  return (
    <SheetForm
      action={createKeyAction}
      title={t('create')}
      help={t('createHelp')}
      save={t('createYes')}
      back="/access/keys"
      done={(key) => <SecretPanel made={key} />}
    >
      <div className="max-w-[380px]">
        <Select
          name="user"
          label={t('user')}
          options={users.map(({ id, name }) => ({ value: String(id), text: name }))}
          defaultValue={chosen}
        />
      </div>
    </SheetForm>
  )
}

/** A key with its secret, which is never shown again. */
function SecretPanel({ made: { id, secret, userName } }: { made: NewAccessKey }) {
  const t = useTranslations('access.keys')
  return (
    <section aria-labelledby="secret-title" className={`${panel} mb-4 space-y-3 p-4`}>
      <div>
        <h2 id="secret-title" className="font-semibold">
          {t('made', { name: userName })}
        </h2>
        <p>{t('madeSays')}</p>
      </div>
      <Copyable label={t('id')} value={id} />
      <Copyable label={t('secret')} value={secret} />
      <Link href="/access/keys" className={button}>
        {t('done')}
      </Link>
    </section>
  )
}

function Copyable({ label, value }: { label: string; value: string }) {
  const t = useTranslations('access')
  return (
    <label className="flex flex-wrap items-center gap-2">
      <span className="w-[150px] font-medium">{label}</span>
      <input
        readOnly
        value={value}
        className={`${field} min-w-[220px] flex-1 bg-sunk font-mono text-sm`}
        onFocus={(event) => event.target.select()}
      />
      <CopyButton text={value} words={{ copy: t('keys.copy'), copied: t('copied') }} look={primaryButton} />
    </label>
  )
}

/** Where, until when and whether at all a key may be used. */
export function ChangeKeyForm({ accessKey, back }: { accessKey: AccessKeyView; back: string }) {
  const t = useTranslations('access.keys')
  const { id, userName, enabled, networks, expiresAt } = accessKey
  return (
    <SheetForm
      action={changeKeyAction}
      title={t('changeTitle', { id, name: userName })}
      help={t('changeHelp')}
      save={t('save')}
      back={back}
    >
      <input type="hidden" name="id" value={id} />
      <Choices
        type="radio"
        name="enabled"
        legend={t('state')}
        options={[
          { value: '1', text: t('enabled'), says: t('enabledSays') },
          { value: '0', text: t('disabled'), says: t('disabledSays') },
        ]}
        chosen={[enabled ? '1' : '0']}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextArea
          name="networks"
          label={t('networks')}
          help={t('networksHelp')}
          defaultValue={networks.join('\n')}
        />
        <Field
          name="expires"
          label={t('expires')}
          help={t('expiresHelp')}
          type="date"
          defaultValue={expiresAt?.slice(0, 10) ?? ''}
        />
      </div>
    </SheetForm>
  )
}
