'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { LineMark } from '#components/lines-editor.ts'
import { link, panel } from '#components/ui/classes.ts'

/** Without script: what needs attention, line by line. */
export function ProblemList({ marks }: { marks: readonly LineMark[] }) {
  const t = useTranslations('purge')
  const bad = marks.filter((mark) => mark.tone === 'bad')
  return (
    <ul className={`${panel} mt-3 space-y-1 p-3 text-fail`}>
      {bad.slice(0, 200).map((mark) => (
        <li key={mark.line}>{t('lineSays', { line: mark.line, sentence: mark.sentence })}</li>
      ))}
    </ul>
  )
}

/** Without script: what was submitted while some lines stayed. */
export function Submitted({ answer, kept }: { answer: { submissionId: string }; kept: number }) {
  const t = useTranslations('purge')
  return (
    <p role="status">
      {t('submitted', { count: kept })}{' '}
      <Link href={`/purge?submission=${answer.submissionId}`} className={link}>
        {t('see')}
      </Link>
    </p>
  )
}
