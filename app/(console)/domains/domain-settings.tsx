'use client'

import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { panel } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { Select } from '#components/ui/select.tsx'
import { type DomainSettings, defaultDomainSettings } from '#lib/core/domain-settings.ts'
import { Check } from './check.tsx'
import { TextArea } from './text-area.tsx'

export type SettledDomain = {
  id: number
  inFlightMs: number | null
  settings: DomainSettings
  shared: { id: number; name: string }[]
}

type Refused = (...names: string[]) => string | undefined

/** What a domain says of its cache keys, its prefetches and its origin: all of it has a default. */
export function DomainSettingsFields({
  domain,
  others,
  refused,
}: {
  domain: SettledDomain | undefined
  others: { id: number; name: string }[]
  refused: Refused
}) {
  const t = useTranslations('domains')
  const settings = domain?.settings ?? defaultDomainSettings
  return (
    <div className="space-y-2">
      <Group
        title={t('keys')}
        isOpen={refused('settings.query', 'settings.rewrites', 'sharesWithId') !== undefined}
      >
        <KeyFields domain={domain} settings={settings} others={others} refused={refused} />
      </Group>
      <Group title={t('times')} isOpen={refused('inFlightMs', 'settings.ttlSeconds') !== undefined}>
        <Field
          name="inFlight"
          label={t('inFlight')}
          help={t('inFlightHelp')}
          inputMode="decimal"
          defaultValue={domain?.inFlightMs == null ? '' : domain.inFlightMs / 1000}
          refused={refused('inFlightMs')}
        />
        <Field
          name="ttl"
          label={t('ttl')}
          help={t('ttlHelp')}
          inputMode="numeric"
          defaultValue={settings.ttlSeconds ?? ''}
          refused={refused('settings.ttlSeconds')}
        />
      </Group>
      <Group
        title={t('prefetch')}
        isOpen={refused('settings.headers', 'settings.maxPrefetchBytes', ...originFields) !== undefined}
      >
        <PrefetchFields settings={settings} refused={refused} />
      </Group>
    </div>
  )
}

const originFields = ['settings.originPerSecond', 'settings.originAtOnce', 'settings.originBytesPerSecond']

function Group({ title, isOpen, children }: { title: string; isOpen: boolean; children: ReactNode }) {
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
  refused,
}: {
  domain: SettledDomain | undefined
  settings: DomainSettings
  others: { id: number; name: string }[]
  refused: Refused
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
        name="queryNames"
        label={t('queryNames')}
        help={t('queryNamesHelp')}
        placeholder="utm_source, utm_medium"
        defaultValue={'names' in query ? query.names.join(', ') : ''}
        refused={refused('settings.query')}
      />
      <TextArea
        name="rewrites"
        label={t('rewrites')}
        help={t('rewritesHelp')}
        placeholder="/old/* -> /new/$1"
        defaultValue={rewrites.map(({ from, to }) => `${from} -> ${to}`).join('\n')}
        refused={refused('settings.rewrites')}
      />
      <Select
        name="sharesWith"
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

function PrefetchFields({ settings, refused }: { settings: DomainSettings; refused: Refused }) {
  const t = useTranslations('domains')
  const number = (name: 'originPerSecond' | 'originAtOnce' | 'originBytesPerSecond' | 'maxPrefetchBytes') => (
    <Field
      name={name}
      label={t(name)}
      help={t(`${name}Help`)}
      inputMode="numeric"
      defaultValue={settings[name]}
      refused={refused(`settings.${name}`)}
    />
  )
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
        name="headers"
        label={t('headers')}
        help={t('headersHelp')}
        rows={4}
        placeholder="Accept-Encoding: gzip"
        defaultValue={settings.headers}
        refused={refused('settings.headers')}
      />
      {number('originPerSecond')}
      {number('originAtOnce')}
      {number('originBytesPerSecond')}
      {number('maxPrefetchBytes')}
    </>
  )
}
