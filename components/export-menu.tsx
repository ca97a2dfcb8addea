'use client'

import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { button } from './ui/classes.ts'

type Progress = { lines: number; state: 'running' | 'done' | 'broken' } | null

const lookEveryMs = 500
/** An export that no console knows is one of another process, or over for long. */
const mostUnknown = 10

/** Leads to what a page shows as a file; the browser saves it, and the page says how far it is. */
export function ExportMenu({ from, query }: { from: '/api/export' | '/api/audit'; query: URLSearchParams }) {
  const t = useTranslations('export')
  const [name, setName] = useState('')
  const progress = useProgress(from, name)
  const menu = useRef<HTMLDetailsElement>(null)
  const address = (format: string) => `${from}?${query}&format=${format}`
  const begin = (event: React.MouseEvent<HTMLAnchorElement>) => {
    const own = crypto.getRandomValues(new Uint32Array(2)).join('-')
    event.currentTarget.search += `&name=${own}`
    setName(own)
    if (menu.current) menu.current.open = false
  }
  return (
    <>
      <span role="status" className="text-muted">
        {progress ? t(progress.state, { count: progress.lines }) : ''}
      </span>
      <details ref={menu} className="relative">
        <summary className={`${button} cursor-pointer list-none`}>{t('button')}</summary>
        <div className="absolute right-0 z-10 mt-1 w-[250px] rounded-md border border-line-strong bg-panel py-1">
          {(['csv', 'ndjson'] as const).map((format) => (
            <a
              key={format}
              href={address(format)}
              download
              onClick={begin}
              className="block px-3 py-1.5 hover:bg-sunk"
            >
              {t(format)}
            </a>
          ))}
        </div>
      </details>
    </>
  )
}

function useProgress(from: string, name: string): Progress {
  const [progress, setProgress] = useState<Progress>(null)
  useEffect(() => {
    if (name === '') return
    setProgress({ lines: 0, state: 'running' })
    let unknown = 0
    const timer = setInterval(async () => {
      const answer = await fetch(`${from}?progress=${name}`).catch(() => null)
      const now: Progress = answer?.ok ? await answer.json() : null
      if (now) setProgress(now)
      else unknown += 1
      if (now?.state === 'done' || now?.state === 'broken' || unknown > mostUnknown) clearInterval(timer)
    }, lookEveryMs)
    return () => clearInterval(timer)
  }, [from, name])
  return progress
}
