'use client'

import './globals.css'
import { useEffect, useState } from 'react'
import { Brand } from '#components/brand.tsx'
import type { Failed } from '#components/failure.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import type { Messages } from './i18n.ts'

/** In place of everything, where even the frame of all pages failed. */
export default function GlobalErrorPage({ error, retry }: Failed) {
  const { lang, theme, words } = useWords()
  return (
    <html lang={lang} data-theme={theme}>
      <body>
        <main className="mx-auto flex min-h-screen max-w-[400px] flex-col justify-center gap-4 px-4 py-10">
          <Brand />
          {words ? (
            <>
              <title>{words.title}</title>
              <h1 className="font-semibold text-lg tracking-tight">{words.title}</h1>
              <p>{words.intro}</p>
              <p className="text-muted">{words.kept}</p>
              <button type="button" className={`${primaryButton} self-start`} onClick={retry}>
                {words.again}
              </button>
            </>
          ) : null}
          {error.digest ? <p className="font-mono text-muted text-sm">{error.digest}</p> : null}
        </main>
      </body>
    </html>
  )
}

/** What nobody hands down here. The sentences come later, or every page would bring them along. */
function useWords() {
  const [words, setWords] = useState<Messages['error'] | null>(null)
  const [lang, setLang] = useState('en')
  const [theme, setTheme] = useState<string>()
  useEffect(() => {
    setTheme(/theme=(light|dark)/.exec(document.cookie)?.[1])
    const wanted = /locale=([\w-]+)/.exec(document.cookie)?.[1] ?? navigator.language
    const isChinese = /^zh/i.test(wanted)
    setLang(isChinese ? 'zh-CN' : 'en')
    const catalogue = isChinese ? import('#messages/zh-CN.json') : import('#messages/en.json')
    catalogue.then((found) => setWords(found.default.error))
  }, [])
  return { lang, theme, words }
}
