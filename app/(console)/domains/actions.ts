'use server'

import { revalidatePath } from 'next/cache'
import type { z } from 'zod'
import { runAndReturn, runForForm } from '#app/action.ts'
import { numberOf, textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import { parseRewrites, type QueryRule } from '#lib/core/domain-rules.ts'
import { defaultDomainSettings, type domainSettingsSchema } from '#lib/core/domain-settings.ts'
import { removeDomain, saveDomain, saveDomains } from '#lib/operations/save-domain.ts'
import { removeDemo } from '#lib/operations/set-up.ts'

const path = '/domains'

const cacheIds = (form: FormData) => form.getAll('cache').map(Number)

function settingsOf(form: FormData): z.input<typeof domainSettingsSchema> {
  const names = textOf(form, 'settings.query')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const rule = textOf(form, 'query') || 'all'
  const written = parseRewrites(textOf(form, 'settings.rewrites'))
  const standard = defaultDomainSettings
  return {
    query: (rule === 'only' || rule === 'without' ? { is: rule, names } : { is: rule }) as QueryRule as never,
    // A line that is no rule is refused by the operation, like any other field.
    rewrites: 'line' in written ? [{ from: written.given, to: '' }] : written,
    schemeInKey: form.has('schemeInKey'),
    ttlSeconds: numberOf(form, 'settings.ttlSeconds'),
    prefetchEdges: form.has('prefetchEdges'),
    followRedirects: form.has('followRedirects'),
    allowCredentials: form.has('allowCredentials'),
    headers: textOf(form, 'settings.headers'),
    maxPrefetchBytes: numberOf(form, 'settings.maxPrefetchBytes') ?? standard.maxPrefetchBytes,
    originPerSecond: numberOf(form, 'settings.originPerSecond') ?? standard.originPerSecond,
    originAtOnce: numberOf(form, 'settings.originAtOnce') ?? standard.originAtOnce,
    originBytesPerSecond: numberOf(form, 'settings.originBytesPerSecond') ?? standard.originBytesPerSecond,
  }
}

export async function saveDomainAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const id = numberOf(form, 'id')
  const seconds = numberOf(form, 'inFlightMs')
  return runAndReturn(path, async (caller) => {
    await saveDomain(caller, {
      ...(id === null ? {} : { id }),
      name: textOf(form, 'name'),
      origin: textOf(form, 'origin'),
      cacheIds: cacheIds(form),
      inFlightMs: seconds === null ? null : Math.round(seconds * 1000),
      settings: settingsOf(form),
      sharesWithId: numberOf(form, 'sharesWithId'),
    })
  })
}

export async function saveDomainsAction(
  _before: FormState<number>,
  form: FormData,
): Promise<FormState<number>> {
  const given = { text: String(form.get('text') ?? ''), cacheIds: cacheIds(form) }
  const state = await runForForm(path, (caller) => saveDomains(caller, given))
  if (state.is === 'done') revalidatePath('/', 'layout')
  return state
}

export async function removeDomainAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(path, (caller) => removeDomain(caller, { id: Number(form.get('id')) }))
}

/** Removes the demo's domain and its caches. */
export async function removeDemoAction(): Promise<void> {
  await runAndReturn(path, (caller) => removeDemo(caller, {}))
}
