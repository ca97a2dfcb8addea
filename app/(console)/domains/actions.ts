'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import type { z } from 'zod'
import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { parseRewrites, type QueryRule } from '#lib/core/domain-rules.ts'
import { defaultDomainSettings, type domainSettingsSchema } from '#lib/core/domain-settings.ts'
import { removeDomain, saveDomain, saveDomains } from '#lib/operations/save-domain.ts'
import { removeDemo } from '#lib/operations/set-up.ts'

const path = '/domains'

/** Back to the list; the rail counts what there is, so it is rendered anew too. */
function leave(): never {
  revalidatePath('/', 'layout')
  redirect(path)
}

const cacheIds = (form: FormData) => form.getAll('cache').map(Number)

/** The number in a field; null where it is empty, and no number at all where it is none. */
function number(form: FormData, name: string, convert = (value: number) => value): number | null {
  const given = String(form.get(name) ?? '').trim()
  return given === '' ? null : convert(Number(given))
}

function settingsOf(form: FormData): z.input<typeof domainSettingsSchema> {
  const text = (name: string) => String(form.get(name) ?? '')
  const names = text('queryNames')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const rule = text('query') || 'all'
  const written = parseRewrites(text('rewrites'))
  const standard = defaultDomainSettings
  return {
    query: (rule === 'only' || rule === 'without' ? { is: rule, names } : { is: rule }) as QueryRule as never,
    // A line that is no rule is refused by the operation, like any other field.
    rewrites: 'line' in written ? [{ from: written.given, to: '' }] : written,
    schemeInKey: form.has('schemeInKey'),
    ttlSeconds: number(form, 'ttl'),
    prefetchEdges: form.has('prefetchEdges'),
    followRedirects: form.has('followRedirects'),
    allowCredentials: form.has('allowCredentials'),
    headers: text('headers'),
    maxPrefetchBytes: number(form, 'maxPrefetchBytes') ?? standard.maxPrefetchBytes,
    originPerSecond: number(form, 'originPerSecond') ?? standard.originPerSecond,
    originAtOnce: number(form, 'originAtOnce') ?? standard.originAtOnce,
    originBytesPerSecond: number(form, 'originBytesPerSecond') ?? standard.originBytesPerSecond,
  }
}

export async function saveDomainAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const text = (name: string) => String(form.get(name) ?? '')
  const id = form.get('id')
  const state = await runForForm(path, async (caller) => {
    await saveDomain(caller, {
      ...(id ? { id: Number(id) } : {}),
      name: text('name'),
      origin: text('origin'),
      cacheIds: cacheIds(form),
      inFlightMs: number(form, 'inFlight', (seconds) => Math.round(seconds * 1000)),
      settings: settingsOf(form),
      sharesWithId: number(form, 'sharesWith'),
    })
  })
  if (state.is === 'done') leave()
  return state
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
  const state = await runForForm(path, (caller) => removeDomain(caller, { id: Number(form.get('id')) }))
  if (state.is === 'done') leave()
  return state
}

/** Removes the demo's domain and its caches. */
export async function removeDemoAction(): Promise<void> {
  await runForForm(path, (caller) => removeDemo(caller, {}))
  leave()
}
