'use client'

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ComponentProps, type ReactNode, useEffect, useMemo, useState } from 'react'
import { IntlProvider, useLocale, useMessages } from 'use-intl'

type Props = Pick<ComponentProps<typeof IntlProvider>, 'locale' | 'messages' | 'now'> & {
  timeZone: string
  children: ReactNode
}

/** Adds sentences to those that are there already. */
export function AddSentences({ messages, children }: { messages: object; children: ReactNode }) {
  const [locale, above] = [useLocale(), useMessages()]
  const all = useMemo(() => ({ ...above, ...messages }), [above, messages])
  return (
    <IntlProvider locale={locale} messages={all}>
      {children}
    </IntlProvider>
  )
}

/** What every page needs around it: sentences, the browser's time zone, and the query cache. */
export function Providers({ timeZone, children, ...intl }: Props) {
  const [queries] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 30_000, retry: 1 } } }),
  )
  const [zone, setZone] = useState(timeZone)
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone
    if (own === timeZone) return
    // The server renders times too; from the next page on it knows the zone.
    document.cookie = `zone=${encodeURIComponent(own)}; path=/; max-age=31536000; samesite=lax`
    setZone(own)
  }, [timeZone])
  return (
    <IntlProvider {...intl} timeZone={zone}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </IntlProvider>
  )
}
