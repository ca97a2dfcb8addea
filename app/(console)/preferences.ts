'use server'

import { revalidatePath } from 'next/cache'
import { cookies } from 'next/headers'

/** Keeps the language or the theme that somebody chose, for this browser. */
export async function preferAction(form: FormData): Promise<void> {
  const jar = await cookies()
  const keep = { path: '/', maxAge: 31_536_000, sameSite: 'lax' } as const
  const locale = form.get('locale')
  const theme = form.get('theme')
  if (locale === 'en' || locale === 'zh-CN') jar.set('locale', locale, keep)
  if (theme === 'light' || theme === 'dark') jar.set('theme', theme, keep)
  if (theme === 'system') jar.delete('theme')
  revalidatePath('/', 'layout')
}
