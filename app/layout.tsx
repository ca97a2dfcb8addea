import '@fontsource-variable/geist'
import '@fontsource-variable/geist-mono'
import './globals.css'
import type { Metadata, Viewport } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { Providers } from '#components/providers.tsx'
import { preferences } from './i18n.ts'

export const metadata: Metadata = {
  title: { default: 'Freshet', template: '%s · Freshet' },
  icons: { icon: '/favicon.svg' },
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1 }

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page carries a nonce of its own, so none may be rendered ahead of time.
  await connection()
  const { locale, messages, theme, timeZone } = await preferences()
  return (
    <html lang={locale} data-theme={theme}>
      <body>
        <Providers locale={locale} messages={messages} timeZone={timeZone} now={new Date()}>
          {children}
        </Providers>
      </body>
    </html>
  )
}
