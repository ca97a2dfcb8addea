'use client'

import { useTranslations } from 'use-intl'
import type { FaultCode, FaultDetails } from '#lib/core/fault.ts'
import { type RuleCode, ruleSentence } from '#lib/core/rules.ts'

type Refused = { code: FaultCode; message: string; details: FaultDetails }

/** The sentence of a rule in the reader's language; English ones come from the catalogue of rules. */
export function useRule(): (code: RuleCode) => string {
  const t = useTranslations('rule')
  return (code) => (t.has(code as never) ? t(code as never) : ruleSentence(code))
}

/** The sentence of a refusal in the reader's language; English ones come from the catalogue of faults. */
export function useRefusal(): (refused: Refused) => string {
  const t = useTranslations()
  return function sentence({ code, message, details }: Refused): string {
    const key = `fault.${code.replaceAll('.', '-')}` as never
    if (!t.has(key)) return message
    const values = Object.fromEntries(
      Object.entries(details).filter(([, value]) => typeof value === 'string' || typeof value === 'number'),
    )
    const ruleKey = `rule.${details.rule}` as never
    const [cause] = Array.isArray(details.fault) ? details.fault : []
    const translated = {
      ...(details.rule && t.has(ruleKey) ? { rule: t(ruleKey) } : {}),
      ...(cause ? { reason: sentence(cause) } : {}),
    }
    return t(key, { ...values, ...translated } as never)
  }
}

/** What was refused, where a form is asked to say so. */
export function Refusal({ state }: { state: { is: string } | ({ is: 'refused' } & Refused) }) {
  const sentence = useRefusal()
  return (
    <div role="alert">
      {state.is === 'refused' && 'code' in state ? (
        <p className="rounded-md bg-fail-soft px-3 py-2 text-fail">{sentence(state)}</p>
      ) : null}
    </div>
  )
}
