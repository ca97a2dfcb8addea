'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { PasswordFields } from '#components/password-fields.tsx'
import { link, panel } from '#components/ui/classes.ts'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { changePasswordAction } from './actions.ts'

/** Changes one's own password. */
export function PasswordForm({ name }: { name: string }) {
  const t = useTranslations('you')
  return (
    <SheetForm
      action={changePasswordAction}
      title={t('change')}
      help={t('changeHelp')}
      save={t('save')}
      back="/you"
      done={() => (
        <p role="status" className={`${panel} mb-4 flex flex-wrap justify-between gap-2.5 p-3`}>
          {t('changed')}
          <Link href="/you" className={link}>
            {t('done')}
          </Link>
        </p>
      )}
    >
      <div className="max-w-[380px] space-y-4">
        <PasswordFields name={name} />
      </div>
    </SheetForm>
  )
}
