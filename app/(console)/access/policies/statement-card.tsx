'use client'

import { useTranslations } from 'use-intl'
import { link, panel } from '#components/ui/classes.ts'
import type { Statement } from '#lib/core/policy-document.ts'
import { fromForm, type StatementForm, toForm } from '#lib/core/policy-sentence.ts'
import { StatementFields } from './statement-fields.tsx'
import { useSentence } from './use-sentence.ts'

type Props = {
  statement: Statement
  at: number
  accountId: number
  domains: string[]
  caches: string[]
  seesLines: boolean
  /** While the JSON is broken. */
  isLocked: boolean
  onChange: (statement: Statement) => void
  onRemove: () => void
}

/** A statement in a sentence, with its parts to be changed; one that no form can say is changed as JSON. */
export function StatementCard(props: Props) {
  const { statement, at, accountId, domains, caches, seesLines, isLocked, onChange, onRemove } = props
  const t = useTranslations('access.policies')
  const sentence = useSentence()
  const form = toForm(statement, accountId)
  const change = (part: Partial<StatementForm>) => form && onChange(fromForm({ ...form, ...part }, accountId))
  return (
    <div className={`${panel} p-3`}>
      <div className="flex items-start gap-4">
        <p className="min-w-0 flex-1 break-words">
          <span className={`font-medium ${statement.Effect === 'Deny' ? 'text-fail' : 'text-accent'}`}>
            {t(statement.Effect === 'Deny' ? 'deny' : 'allow')}
          </span>{' '}
          {form ? sentence(form) : <span className="text-muted">{t('jsonOnly')}</span>}
        </p>
        <button
          type="button"
          aria-label={t('removeStatement', { number: at + 1 })}
          className={`${link} shrink-0`}
          disabled={isLocked}
          onClick={onRemove}
        >
          {t('remove')}
        </button>
      </div>
      {form ? (
        <details>
          <summary className={`${link} cursor-pointer list-none`}>{t('edit', { number: at + 1 })}</summary>
          <fieldset disabled={isLocked} className="mt-2 min-w-0 space-y-3">
            <StatementFields
              id={`statement-${at}`}
              form={form}
              domains={domains}
              caches={caches}
              seesLines={seesLines}
              onChange={change}
            />
          </fieldset>
        </details>
      ) : null}
    </div>
  )
}
