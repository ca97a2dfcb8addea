'use client'

import { useTranslations } from 'use-intl'
import type { StatementForm } from '#lib/core/policy-sentence.ts'

/** A statement as a sentence, without its effect. */
export function useSentence(): (form: StatementForm) => string {
  const t = useTranslations()
  return (form) => {
    const s = 'access.policies.sentence'
    const list = (items: string[]) => items.join(t(`${s}.and`))
    const acts = [...form.can.map((can) => t(`access.grant.${can}`).toLowerCase()), ...form.other]
    const names = form.methods.map((method) => t(`method.${method}`))
    const not = form.notMethods.map((method) => t(`method.${method}`))
    const days = form.weekdays.map((day) => t(`access.policies.day.${day as 'mon'}`))
    const parts = [
      t(`${s}.to`, { acts: acts.length === 0 ? t(`${s}.nothing`) : list(acts) }) +
        (form.domains.length === 0
          ? t(`${s}.anything`)
          : form.domains.includes('*')
            ? t(`${s}.allDomains`)
            : t(`${s}.on`, { domains: list(form.domains) })),
      names.length > 0 && t(`${s}.by`, { methods: list(names) }),
      not.length > 0 && t(`${s}.never`, { methods: list(not) }),
      form.paths.length > 0 && t(`${s}.under`, { paths: list(form.paths) }),
      form.modes.length > 0 && t(`${s}.mode`, { modes: list(form.modes.map((mode) => t(`mode.${mode}`))) }),
      form.caches.length > 0 && t(`${s}.caches`, { caches: list(form.caches) }),
      form.mostLines !== null && t(`${s}.most`, { count: form.mostLines }),
      days.length > 0 && t(`${s}.days`, { days: list(days) }),
      form.fromAddresses.length > 0 && t(`${s}.from`, { addresses: list(form.fromAddresses) }),
      form.from !== null && t(`${s}.since`, { at: form.from }),
      form.until !== null && t(`${s}.until`, { at: form.until }),
    ]
    return parts.filter(Boolean).join(t(`${s}.comma`)) + t(`${s}.stop`)
  }
}
