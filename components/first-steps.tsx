'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { panel, primaryButton } from './ui/classes.ts'

const steps = [
  { is: 'cache', href: '/caches?add=1' },
  { is: 'domain', href: '/domains?add=1' },
  { is: 'task', href: '/purge' },
] as const

/** What leads to a first purge; what is done is ticked, and the button is for what comes next. */
export function FirstSteps({ done }: { done: Record<(typeof steps)[number]['is'], boolean> }) {
  const t = useTranslations('first')
  const next = steps.find(({ is }) => !done[is])
  return (
    <section className={`${panel} mb-4 max-w-[620px] p-6`}>
      <h2 className="font-semibold">{t('title')}</h2>
      <ol className="mt-3 mb-5 space-y-2.5">
        {steps.map(({ is }, at) => (
          <li
            key={is}
            className={`flex items-center gap-2.5 ${is === next?.is ? 'font-medium' : 'text-muted'}`}
          >
            <Mark number={at + 1} isDone={done[is]} />
            <span>
              {t(is)}
              {done[is] ? <span className="sr-only"> {t('done')}</span> : null}
            </span>
          </li>
        ))}
      </ol>
      {next ? (
        <Link href={next.href} className={primaryButton}>
          {t(`next.${next.is}`)}
        </Link>
      ) : null}
    </section>
  )
}

function Mark({ number, isDone }: { number: number; isDone: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={`flex size-5 shrink-0 items-center justify-center rounded-full text-xs ${isDone ? 'bg-accent-soft text-accent' : 'ring-1 ring-line-strong ring-inset'}`}
    >
      {isDone ? (
        <svg viewBox="0 0 12 12" className="size-3 fill-none stroke-current" strokeWidth="2">
          <path d="M2.5 6.5 5 9l4.5-5.5" strokeLinecap="round" strokeLinejoin="round" />
        </svg>
      ) : (
        number
      )}
    </span>
  )
}
