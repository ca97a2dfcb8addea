'use client'

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { FaultCode, FaultDetails } from '#lib/core/fault.ts'
import { type RuleCode, ruleSentence } from '#lib/core/rules.ts'
import type { FormState } from './form-state.ts'

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
    // A select cannot ask for an empty or an absent text, and a secret that does not fit is not shown.
    const isGiven = details.given ? 'yes' : 'no'
    const hasPath = details.path ? 'yes' : 'no'
    return t(key, { ...values, isGiven, hasPath, ...translated } as never)
  }
}

/** What was refused, where a form is asked to say so. */
export function Refusal({ state }: { state: FormState<unknown> }) {
  const sentence = useRefusal()
  return (
    <div role="alert">
      {state.is === 'refused' ? (
        <p className="rounded-md bg-fail-soft px-3 py-2 text-fail">{sentence(state)}</p>
      ) : null}
    </div>
  )
}

/** What a form was refused, and which of its fields would say so themselves. */
const RefusedForm = createContext<{ refused: Refused | null; fields: Set<string> }>({
  refused: null,
  fields: new Set(),
})

/** `a.b.0` is a part of the field `a.b`. */
const speaksOf = (refused: Refused | null, name: string) =>
  refused !== null && `${refused.details.field}.`.startsWith(`${name}.`)

/** Fields inside say what was refused about them; what none of them says stands below. */
export function Refusable({ state, children }: { state: FormState<unknown>; children: ReactNode }) {
  const [fields] = useState(() => new Set<string>())
  const refused = state.is === 'refused' ? state : null
  const isSaid = [...fields].some((name) => speaksOf(refused, name))
  return (
    <RefusedForm value={{ refused, fields }}>
      {children}
      <Refusal state={isSaid ? { is: 'idle' } : state} />
    </RefusedForm>
  )
}

/** What was refused about a field of this form, or about a part of it. */
export function useRefused(...names: string[]): string | undefined {
  const { refused } = useContext(RefusedForm)
  const sentence = useRefusal()
  return refused && names.some((name) => speaksOf(refused, name)) ? sentence(refused) : undefined
}

/** The same for a field that says it itself. */
export function useOwnRefusal(name: string): string | undefined {
  const { fields } = useContext(RefusedForm)
  useEffect(() => {
    fields.add(name)
    return () => {
      fields.delete(name)
    }
  }, [fields, name])
  return useRefused(name)
}
