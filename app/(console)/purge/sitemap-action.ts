'use server'

import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { readSitemap, type SitemapAnswer } from '#lib/operations/read-sitemap.ts'

/** Reads a sitemap for the box of the prefetch form. */
export async function sitemapAction(
  _before: FormState<SitemapAnswer>,
  form: FormData,
): Promise<FormState<SitemapAnswer>> {
  const since = String(form.get('since') ?? '')
  return runForForm('/purge', (caller) =>
    readSitemap(caller, { url: String(form.get('sitemap') ?? ''), since: since === '' ? null : since }),
  )
}
