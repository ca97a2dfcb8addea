'use client'

import { useTranslations } from 'use-intl'
import { panel, primaryButton } from '#components/ui/classes.ts'
import { Field, Select } from '#components/ui/field.tsx'
import { actionNames } from '#lib/core/actions.ts'
import { modes } from '#lib/core/command.ts'
import { methods } from '#lib/core/line.ts'
import type { Asked, Considered, Decision, StatementRef } from '#lib/core/policy.ts'
import type { SimulatedRequest } from '#lib/operations/simulate-policy.ts'

type FormProps = { request: SimulatedRequest; users: { id: number; name: string }[] }

/** A request as it would be: who, what, on what, how, from where and when. */
export function RequestForm({ request, users }: FormProps) {
  const t = useTranslations()
  const s = 'access.simulate'
  return (
    <form
      method="get"
      action="/access/simulate"
      className={`${panel} mb-4 grid gap-4 p-4 sm:grid-cols-2 lg:grid-cols-4`}
    >
      <Select
        name="user"
        label={t(`${s}.who`)}
        options={users.map(({ id, name }) => ({ value: String(id), text: name }))}
        defaultValue={String(request.userId)}
      />
      <Select
        name="action"
        label={t(`${s}.action`)}
        options={actionNames.map((name) => ({ value: name, text: name }))}
        defaultValue={request.action}
      />
      <div className="sm:col-span-2">
        <Field
          name="on"
          label={t(`${s}.on`)}
          help={t(`${s}.onHelp`)}
          defaultValue={request.on}
          spellCheck={false}
        />
      </div>
      <Select
        name="method"
        label={t(`${s}.method`)}
        options={methods.map((method) => ({ value: method, text: t(`method.${method}`) }))}
        defaultValue={request.method}
      />
      <Select
        name="mode"
        label={t(`${s}.mode`)}
        options={modes.map((mode) => ({ value: mode, text: t(`mode.${mode}`) }))}
        defaultValue={request.mode}
      />
      <Field name="lines" label={t(`${s}.lines`)} type="number" min={1} defaultValue={request.lineCount} />
      <Field
        name="address"
        label={t(`${s}.address`)}
        defaultValue={request.address}
        placeholder="203.0.113.7"
      />
      <Field
        name="at"
        label={t(`${s}.at`)}
        type="datetime-local"
        defaultValue={request.at?.slice(0, 16) ?? ''}
      />
      <div className="flex items-end">
        <button type="submit" className={primaryButton}>
          {t(`${s}.ask`)}
        </button>
      </div>
    </form>
  )
}

type VerdictProps = { decision: Decision; considered: Considered[]; asked: Asked; name: string }

/** Allowed or not, by which statement, and what every other statement had to say. */
export function Verdict({ decision, considered, asked, name }: VerdictProps) {
  const t = useTranslations('access.simulate')
  const ref = useReference()
  const { allowed, by } = decision
  return (
    <section aria-labelledby="verdict" className={`${panel} mb-4 p-4`}>
      <h2 id="verdict" className={`font-semibold ${allowed ? 'text-accent' : 'text-fail'}`}>
        {allowed ? t('allowed', { name }) : t('refused', { name })}
      </h2>
      <p>
        {by ? t('decides', { statement: ref(by) }) : allowed ? t('owner') : t('nothing')}{' '}
        <span className="break-all font-mono text-muted text-sm">{asked.resource}</span>
      </p>
      {considered.length > 0 ? (
        <ul className="mt-3 space-y-1">
          {considered.map((one) => (
            <li
              key={`${one.by.policy} ${one.by.statement} ${one.by.group}`}
              className={one.applies ? '' : 'text-muted'}
            >
              {t(one.effect === 'Deny' ? 'wouldDeny' : 'wouldAllow')} {ref(one.by)},{' '}
              {one.applies ? t('applies') : t('failed', { keys: one.failed.join(', ') })}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  )
}

function useReference(): (by: StatementRef) => string {
  const t = useTranslations('access.simulate')
  return ({ policy, statement, group }) =>
    group
      ? t('byGroup', { policy, number: statement + 1, group })
      : t('by', { policy, number: statement + 1 })
}
