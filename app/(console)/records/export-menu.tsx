'use client'

import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { button } from '#components/ui/classes.ts'
import { type RecordFilter, writeFilter } from '#lib/core/records.ts'

type Progress = { lines: number; state: 'running' | 'done' | 'broken' } | null

const lookEveryMs = 500
/** An export that no console knows is one of another process, or over for long. */
const mostUnknown = 10

/** Leads to the filtered records as a file; the browser saves it, and the page says how far it is. */
export function ExportMenu({ filter }: { filter: RecordFilter }) {
  const t = useTranslations('records')
  const [name, setName] = useState('')
  const progress = useProgress(name)
  const menu = useRef<HTMLDetailsElement>(null)
  const address = (format: string) => `/api/export?${writeFilter(filter)}&format=${format}`
  const begin = (event: React.MouseEvent<HTMLAnchorElement>) => {
    const own = crypto.getRandomValues(new Uint32Array(2)).join('-')
    event.currentTarget.search += `&name=${own}`
    setName(own)
    if (menu.current) menu.current.open = false
  }
  return (
    <>
      <span role="status" className="text-muted">
        {progress ? t(`export.${progress.state}`, { count: progress.lines }) : ''}
      </span>
      <details ref={menu} className="relative">
        <summary className={`${button} cursor-pointer list-none`}>{t('export.button')}</summary>
        <div className="absolute right-0 z-10 mt-1 w-[250px] rounded-md border border-line-strong bg-panel py-1">
          {(['csv', 'ndjson'] as const).map((format) => (
            <a
              key={format}
              href={address(format)}
              download
              onClick={begin}
              className="block px-3 py-1.5 hover:bg-sunk"
            >
              {t(`export.${format}`)}
            </a>
          ))}
        </div>
      </details>
    </>
  )
}

function useProgress(name: string): Progress {
  const [progress, setProgress] = useState<Progress>(null)
  useEffect(() => {
    if (name === '') return
    setProgress({ lines: 0, state: 'running' })
    let unknown = 0
    const timer = setInterval(async () => {
      const answer = await fetch(`/api/export?progress=${name}`).catch(() => null)
      const now: Progress = answer?.ok ? await answer.json() : null
      if (now) setProgress(now)
      else unknown += 1
      if (now?.state === 'done' || now?.state === 'broken' || unknown > mostUnknown) clearInterval(timer)
    }, lookEveryMs)
    return () => clearInterval(timer)
  }, [name])
  return progress
}
