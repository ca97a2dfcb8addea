'use client'

import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type LineMark, mostSentences } from '#components/lines-editor.ts'
import type { Notice, Problem, Submission } from '#lib/core/submission.ts'

/** Problems and notices as the editor shows them, in the reader's language and in the order of lines. */
export function useMarks({ problems, notices }: Submission): LineMark[] {
  const t = useTranslations()
  return useMemo(() => {
    const bad = problems.map((problem) => ({ ...problem, tone: 'bad' as const }))
    const noted = notices.map((notice) => ({ ...notice, tone: 'note' as const }))
    const all = [...bad, ...noted].sort((a, b) => a.line - b.line)
    return all.map((mark, index) => {
      const { line, column, endColumn, tone, detail, fix } = mark
      const place = { line, column, endColumn, tone }
      // Beyond these the editor marks lines and says no more.
      if (index >= mostSentences) return { ...place, sentence: '' }
      const sentence =
        mark.tone === 'bad' ? t(`problem.${mark.code}`, { detail }) : t(`notice.${mark.code}`, { detail })
      return {
        ...place,
        sentence,
        ...(fix === undefined ? {} : { fix: { label: labelOf(mark), text: fix } }),
      }
    })

    function labelOf({ code, fix = '' }: Problem | Notice): string {
      if (code === 'only-this-page') return t('purge.everythingUnder')
      if (code === 'everything-under') return t('purge.onlyThisPage')
      return code === 'several' ? t('purge.split') : t('purge.use', { fix })
    }
  }, [problems, notices, t])
}

/** The text with every offered form taken. */
export function fixed(text: string, problems: readonly Problem[]): string {
  const lines = text.split(/\r\n|\r|\n/)
  for (const problem of problems) if (problem.fix !== undefined) lines[problem.line - 1] = problem.fix
  return lines.join('\n')
}
