import { cookies, headers } from 'next/headers'
import { cache } from 'react'
import { createTranslator } from 'use-intl/core'
import en from '#messages/en.json'
import zhCN from '#messages/zh-CN.json'
import { pageSentences } from './page-sentences.ts'

export type Messages = typeof en
export type Locale = 'en' | 'zh-CN'

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale
    Messages: typeof en
  }
}

/** What every page has. */
export function sharedSentences(messages: Messages): Partial<Messages> {
  const isShared = (name: string) => !pageSentences.some((one) => one === name)
  return Object.fromEntries(Object.entries(messages).filter(([name]) => isShared(name)))
}

const catalogues: Record<Locale, Messages> = { en, 'zh-CN': zhCN }

/** The language, theme and time zone of this request: what was chosen, else what the browser says. */
export const preferences = cache(async () => {
  const [jar, sent] = await Promise.all([cookies(), headers()])
  const chosen = jar.get('locale')?.value
  const wanted = chosen ?? sent.get('accept-language')?.split(',')[0] ?? 'en'
  const locale: Locale = /^zh\b/i.test(wanted) ? 'zh-CN' : 'en'
  const theme = jar.get('theme')?.value
  const zone = jar.get('zone')?.value ?? 'UTC'
  return {
    locale,
    messages: catalogues[locale],
    theme: theme === 'light' || theme === 'dark' ? theme : undefined,
    timeZone: isTimeZone(zone) ? zone : 'UTC',
  }
})

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** The translator of a server component. */
export const getTranslations = cache(async () => {
  const { locale, messages } = await preferences()
  return createTranslator({ locale, messages })
})
