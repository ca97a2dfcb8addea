'use client'

import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { link } from '#components/ui/classes.ts'
import type { Submission } from '#lib/core/submission.ts'

/** What was read of the lines: how many are ready, need attention, are folded; and what helps with them. */
export function Strip({
  parsed,
  scripted,
  onNext,
  onFix,
  onFile,
}: {
  parsed: Submission
  scripted: boolean
  onNext: () => void
  onFix: () => void
  onFile: (file: File) => void
}) {
  const t = useTranslations('purge')
  const { lines, problems, duplicates } = parsed
  const strong = (chunks: ReactNode) => <b className="font-semibold text-text">{chunks}</b>
  return (
    <div
      id="purge-strip"
      className="flex min-h-[38px] flex-wrap items-center gap-x-4 gap-y-1 rounded-b-lg border-line border-t bg-sunk px-3 py-2 text-muted"
    >
      <span>{t.rich('ready', { count: lines.length, strong })}</span>
      {problems.length > 0 ? (
        <span className="text-fail">{t('attention', { count: problems.length })}</span>
      ) : null}
      {duplicates > 0 ? <span>{t.rich('duplicates', { count: duplicates, strong })}</span> : null}
      {scripted && problems.length > 0 ? (
        <button type="button" className={link} onClick={onNext}>
          {t('next')} <kbd className="font-mono text-[11px]">F8</kbd>
        </button>
      ) : null}
      <span className="ml-auto" />
      {scripted && problems.some((problem) => problem.fix !== undefined) ? (
        <button type="button" className={link} onClick={onFix}>
          {t('fixAll')}
        </button>
      ) : null}
      {scripted ? (
        <label
          className={`${link} cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-accent`}
        >
          {t('addFile')}
          <input
            type="file"
            accept=".txt,.csv,text/plain,text/csv"
            className="sr-only"
            onChange={({ target }) => {
              const [file] = target.files ?? []
              if (file) onFile(file)
              target.value = ''
            }}
          />
        </label>
      ) : null}
      <span className="sr-only" aria-live="polite">
        {problems.length > 0 ? t('attention', { count: problems.length }) : ''}
      </span>
    </div>
  )
}
