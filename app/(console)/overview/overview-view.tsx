'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { FirstSteps } from '#components/first-steps.tsx'
import { useResetTime } from '#components/quota-meter.tsx'
import { TaskTable } from '#components/task-table.tsx'
import { link } from '#components/ui/classes.ts'
import { useLiveTasks } from '#components/use-live-tasks.ts'
import { type Overview, type Range, ranges } from '#lib/core/overview.ts'
import { AttentionList } from './attention-list.tsx'
import { CachePlots } from './cache-plots.tsx'
import { QuotaLeft } from './quota-left.tsx'
import { TaskBars } from './task-bars.tsx'

const againMs = 2000

/** How the account is, as the server rendered it and then as it goes on. */
export function OverviewView({ initial }: { initial: Overview }) {
  const overview = useOverview(initial)
  const { done, attention, latest } = overview
  const t = useTranslations('overview')
  return (
    <>
      <Head overview={overview} />
      {done.task ? null : (
        <div className="mb-3.5">
          <FirstSteps done={done} />
        </div>
      )}
      {done.task || attention.length > 0 ? <AttentionList overview={overview} /> : null}
      {done.cache ? (
        <div className="mt-3.5 grid gap-3.5 min-[1340px]:grid-cols-[minmax(0,1fr)_300px]">
          <CachePlots overview={overview} />
          <div className="grid grid-cols-[repeat(auto-fit,minmax(264px,1fr))] content-start gap-3.5">
            <TaskBars overview={overview} />
            <QuotaLeft overview={overview} />
          </div>
        </div>
      ) : null}
      {latest.length > 0 ? (
        <section className="mt-5">
          <div className="mb-2 flex items-baseline justify-between">
            <h2 className="font-semibold">{t('latest')}</h2>
            <Link href="/records" className={link}>
              {t('allTasks')}
            </Link>
          </div>
          <TaskTable rows={latest} />
        </section>
      ) : null}
    </>
  )
}

/** Reads again every two seconds while somebody looks. */
function useOverview(initial: Overview): Overview {
  const { range, figures } = initial
  useLiveTasks()
  const { data } = useQuery({
    queryKey: ['overview', range, figures?.cacheId ?? null],
    queryFn: () => read(range, figures?.cacheId),
    initialData: initial,
    staleTime: againMs,
    refetchInterval: againMs,
    retry: false,
  })
  // What an earlier visit left is older than what the server has just rendered.
  return data.atMs >= initial.atMs ? data : initial
}

async function read(range: Range, figures: number | undefined): Promise<Overview> {
  const answer = await fetch(`/api/overview?range=${range}${figures ? `&figures=${figures}` : ''}`)
  if (answer.status === 401) location.reload()
  if (!answer.ok) throw new Error(`the overview answered ${answer.status}`)
  return answer.json()
}

function Head({ overview: { range, atMs } }: { overview: Overview }) {
  const t = useTranslations()
  const clock = useResetTime()
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className="mr-auto font-semibold text-lg tracking-tight">{t('overview.title')}</h1>
      <p className="text-muted">
        <span suppressHydrationWarning>
          {t(`overview.until.${range}`, { at: clock(new Date(atMs).toISOString()) })}
        </span>
      </p>
      <nav aria-label={t('overview.ranges')} className="flex rounded-md border border-line bg-sunk p-0.5">
        {ranges.map((one) => (
          <Link
            key={one}
            href={`/?range=${one}`}
            prefetch={false}
            scroll={false}
            aria-current={one === range ? 'true' : undefined}
            className="rounded-[5px] border border-transparent px-2.5 py-1 text-muted hover:text-text aria-[current]:border-line-strong aria-[current]:bg-panel aria-[current]:font-medium aria-[current]:text-text"
          >
            {t(`overview.range.${one}`)}
          </Link>
        ))}
      </nav>
    </div>
  )
}
