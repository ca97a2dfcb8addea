'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { panel } from '#components/ui/classes.ts'
import { useAfterPause } from '#components/use-after-pause.ts'
import { pathTest, reachOf } from '#lib/core/policy.ts'
import type { StatementForm } from '#lib/core/policy-sentence.ts'
import type { RecentLine } from '#lib/operations/recent-lines.ts'

/** Which of the lines that were submitted lately the paths of a statement cover, and which not. */
export function CoveredPaths({ form: { effect, paths, domains } }: { form: StatementForm }) {
  const t = useTranslations('access.policies')
  const asked = useAfterPause(domains.join(' ') || '*')
  const { data, isError } = useQuery({
    queryKey: ['recent-lines', asked],
    queryFn: ({ signal }) => fetchLines(asked, signal),
    enabled: paths.length > 0 && asked !== '',
    placeholderData: keepPreviousData,
  })
  const [covered = [], others = []] = useMemo(() => {
    const covers = pathTest(effect, paths)
    const byCover = Map.groupBy(data ?? [], (line) => covers(reachOf(line)))
    return [byCover.get(true), byCover.get(false)]
  }, [data, effect, paths])
  if (paths.length === 0) return null
  const count = covered.length
  const all = count + others.length
  return (
    <div className="space-y-2 text-xs">
      <p role="status" className="text-muted">
        {isError ? t('linesFailed') : data && t(all === 0 ? 'noLines' : 'coversLines', { count, all })}
      </p>
      {all > 0 ? (
        <>
          <LineBox title={t('covered')} lines={covered} />
          <LineBox title={t('notCovered')} lines={others} />
        </>
      ) : null}
    </div>
  )
}

/** Lines in a box of one height, so that nothing below it moves while somebody types. */
function LineBox({ title, lines }: { title: string; lines: readonly RecentLine[] }) {
  return (
    <section>
      <h4 className="mb-1 font-medium">{title}</h4>
      {/* It scrolls by keyboard too. */}
      <ul
        aria-label={title}
        tabIndex={0}
        className={`${panel} h-[104px] overflow-y-auto px-2.5 py-1 font-mono`}
      >
        {lines.map((line) => (
          <li key={`${line.kind} ${urlOf(line)}`} className="truncate py-0.5" title={urlOf(line)}>
            {urlOf(line)}
          </li>
        ))}
      </ul>
    </section>
  )
}

const urlOf = ({ domain, kind, target }: RecentLine) => `${domain}${target}${kind === 'directory' ? '*' : ''}`

async function fetchLines(patterns: string, signal: AbortSignal): Promise<RecentLine[]> {
  const answer = await fetch(`/api/tasks?${new URLSearchParams({ recent: patterns })}`, { signal })
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.json()
}
