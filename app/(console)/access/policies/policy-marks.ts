'use client'

import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import type { LineMark } from '#components/lines-editor.ts'
import { type PolicyProblem, placeOf } from '#lib/core/policy-document.ts'
import type { PolicyWarning } from '#lib/core/policy-lint.ts'

/** What is wrong in a policy, and what its author should know, at its place in the text. */
export function usePolicyMarks(
  text: string,
  problems: readonly PolicyProblem[],
  warnings: readonly PolicyWarning[],
): LineMark[] {
  const t = useTranslations('access.policies')
  return useMemo(() => {
    const bad = problems.map(({ path, code, given, detail, offset }) => {
      const at = offset === undefined ? placeOf(text, path) : { from: offset, to: offset + 1 }
      return { ...placeIn(text, at), tone: 'bad' as const, sentence: t(`problem.${code}`, { given, detail }) }
    })
    const noted = warnings.map(({ path, code, detail }) => {
      return {
        ...placeIn(text, placeOf(text, path)),
        tone: 'note' as const,
        sentence: t(`warning.${code}`, { detail }),
      }
    })
    return [...bad, ...noted].sort((a, b) => a.line - b.line)
  }, [text, problems, warnings, t])
}

/** The line and the columns of a part of a text, from 1, as far as they are of its first line. */
function placeIn(text: string, { from, to }: { from: number; to: number }) {
  const start = Math.min(from, Math.max(0, text.length - 1))
  const begin = text.lastIndexOf('\n', start - 1) + 1
  const next = text.indexOf('\n', start)
  const end = Math.min(to, next < 0 ? text.length : next)
  return {
    line: text.slice(0, begin).split('\n').length,
    column: start - begin + 1,
    endColumn: end - begin + 1,
  }
}
