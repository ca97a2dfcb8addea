import '@fontsource-variable/geist'
import '@fontsource/geist-mono/400.css'
import './globals.css'
import type { Metadata, Viewport } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { Providers } from '#components/providers.tsx'
import { getTranslations, preferences, sharedSentences } from './i18n.ts'

export async function generateMetadata(): Promise<Metadata> {
  return {
    title: { default: 'Freshet', template: '%s · Freshet' },
    description: (await getTranslations())('nav.description'),
    robots: { index: false, follow: false },
  }
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1 }

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page carries a nonce of its own, so none may be rendered ahead of time.
  await connection()
  const { locale, messages, theme, timeZone } = await preferences()
  return (
    <html lang={locale} data-theme={theme}>
      <body>
        <Providers locale={locale} messages={sharedSentences(messages)} timeZone={timeZone} now={new Date()}>
          {children}
        </Providers>
      </body>
    </html>
  )
}
