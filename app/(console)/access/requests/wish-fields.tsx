'use client'

import { useTranslations } from 'use-intl'
import { Choices } from '#components/ui/choices.tsx'
import { Field, Select, TextArea } from '#components/ui/field.tsx'
import { methods } from '#lib/core/line.ts'
import type { StatementForm } from '#lib/core/policy-sentence.ts'

/** What is asked for or granted: something to do, on which domain, by which methods, under which paths. */
export type Wish = Pick<StatementForm, 'can' | 'domains' | 'methods' | 'paths'>

export function WishFields({ wish }: { wish: Wish }) {
  const t = useTranslations()
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          name="can"
          label={t('access.grant.can')}
          options={(['purge', 'prefetch', 'see'] as const).map((can) => ({
            value: can,
            text: t(`access.grant.${can}`),
          }))}
          defaultValue={wish.can[0] ?? 'purge'}
        />
        <Field
          name="domain"
          label={t('access.requests.domain')}
          defaultValue={wish.domains[0] ?? ''}
          required
          spellCheck={false}
        />
      </div>
      <Choices
        type="checkbox"
        name="method"
        legend={t('access.requests.methods')}
        help={t('access.requests.methodsHelp')}
        options={methods
          .filter((method) => method !== 'prefetch')
          .map((method) => ({ value: method, text: t(`method.${method}`) }))}
        chosen={wish.methods}
        columns
      />
      <TextArea
        name="paths"
        label={t('access.requests.paths')}
        help={t('access.requests.pathsHelp')}
        defaultValue={wish.paths.join('\n')}
      />
    </>
  )
}

/** A wish as a sentence. */
export function useWishSentence(): (wish: Wish) => string {
  const t = useTranslations()
  return ({ can, domains, methods: by, paths }) => {
    const names = by.map((method) => t(`method.${method}`)).join(', ')
    return t('access.requests.wish', {
      can: can.map((one) => t(`access.grant.${one}`)).join(', '),
      domain: domains.join(', '),
      methods: names || 'any',
      paths: paths.join(' ') || 'any',
    })
  }
}
