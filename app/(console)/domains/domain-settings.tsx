'use client'

import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useRefused } from '#components/refusal.tsx'
import { panel } from '#components/ui/classes.ts'
import { Field, Select, TextArea } from '#components/ui/field.tsx'
import { type DomainSettings, defaultDomainSettings } from '#lib/core/domain-settings.ts'
import { Check } from './check.tsx'

export type SettledDomain = {
  id: number
  inFlightMs: number | null
  settings: DomainSettings
  shared: { id: number; name: string }[]
}

/** What a domain says of its cache keys, its prefetches and its origin: all of it has a default. */
export function DomainSettingsFields({
  domain,
  others,
}: {
  domain: SettledDomain | undefined
  others: { id: number; name: string }[]
}) {
  const t = useTranslations('domains')
  const settings = domain?.settings ?? defaultDomainSettings
  return (
    <div className="space-y-2">
      <Group title={t('keys')} fields={['settings.query', 'settings.rewrites', 'sharesWithId']}>
        <KeyFields domain={domain} settings={settings} others={others} />
      </Group>
      <Group title={t('times')} fields={['inFlightMs', 'settings.ttlSeconds']}>
        <Field
          name="inFlightMs"
          label={t('inFlight')}
          help={t('inFlightHelp')}
          inputMode="decimal"
          defaultValue={domain?.inFlightMs == null ? '' : domain.inFlightMs / 1000}
        />
        <Field
          name="settings.ttlSeconds"
          label={t('ttl')}
          help={t('ttlHelp')}
          inputMode="numeric"
          defaultValue={settings.ttlSeconds ?? ''}
        />
      </Group>
      <Group
        title={t('prefetch')}
        fields={['settings.headers', ...prefetchNumbers.map((name) => `settings.${name}`)]}
      >
        <PrefetchFields settings={settings} />
      </Group>
    </div>
  )
}

const prefetchNumbers = [
  'originPerSecond',
  'originAtOnce',
  'originBytesPerSecond',
  'maxPrefetchBytes',
] as const

/** Opens by itself where one of its fields was refused. */
function Group({ title, fields, children }: { title: string; fields: string[]; children: ReactNode }) {
  const isOpen = useRefused(...fields) !== undefined
  return (
    <details className={`${panel} bg-bg p-3`} open={isOpen}>
      <summary className="font-medium">{title}</summary>
      <div className="mt-3 grid items-start gap-4 sm:grid-cols-2">{children}</div>
    </details>
  )
}

function KeyFields({
  domain,
  settings,
  others,
}: {
  domain: SettledDomain | undefined
  settings: DomainSettings
  others: { id: number; name: string }[]
}) {
  const t = useTranslations('domains')
  const { query, rewrites, schemeInKey } = settings
  return (
    <>
      <Select
        name="query"
        label={t('query')}
        help={t('queryHelp')}
        defaultValue={query.is}
        options={(['all', 'none', 'only', 'without'] as const).map((value) => ({
          value,
          text: t(`queryRule.${value}`),
        }))}
      />
      <Field
        name="settings.query"
        label={t('queryNames')}
        help={t('queryNamesHelp')}
        placeholder="utm_source, utm_medium"
        defaultValue={'names' in query ? query.names.join(', ') : ''}
      />
      <TextArea
        name="settings.rewrites"
        label={t('rewrites')}
        help={t('rewritesHelp')}
        placeholder="/old/* -> /new/$1"
        defaultValue={rewrites.map(({ from, to }) => `${from} -> ${to}`).join('\n')}
      />
      <Select
        name="sharesWithId"
        label={t('sharesWith')}
        help={t('sharesWithHelp')}
        defaultValue={String(domain?.shared[0]?.id ?? '')}
        options={[
          { value: '', text: t('sharesNone') },
          ...others.map(({ id, name }) => ({ value: String(id), text: name })),
        ]}
      />
      <Check
        name="schemeInKey"
        label={t('schemeInKey')}
        help={t('schemeInKeyHelp')}
        defaultChecked={schemeInKey}
      />
    </>
  )
}

function PrefetchFields({ settings }: { settings: DomainSettings }) {
  const t = useTranslations('domains')
  return (
    <>
      <div className="space-y-2">
        <Check
          name="prefetchEdges"
          label={t('prefetchEdges')}
          help={t('prefetchEdgesHelp')}
          defaultChecked={settings.prefetchEdges}
        />
        <Check
          name="followRedirects"
          label={t('followRedirects')}
          help={t('followRedirectsHelp')}
          defaultChecked={settings.followRedirects}
        />
        <Check
          name="allowCredentials"
          label={t('allowCredentials')}
          defaultChecked={settings.allowCredentials}
        />
      </div>
      <TextArea
        name="settings.headers"
        label={t('headers')}
        help={t('headersHelp')}
        rows={4}
        placeholder="Accept-Encoding: gzip"
        defaultValue={settings.headers}
      />
      {prefetchNumbers.map((name) => (
        <Field
          key={name}
          name={`settings.${name}`}
          label={t(name)}
          help={t(`${name}Help`)}
          inputMode="numeric"
          defaultValue={settings[name]}
        />
      ))}
    </>
  )
}
