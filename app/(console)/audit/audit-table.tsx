'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Moment, useZoneName } from '#components/moment.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { panel, tableHead } from '#components/ui/classes.ts'
import { type AuditEntry, shortResource } from '#lib/core/audit.ts'
import { EntryDetails, useAct } from './entry-details.tsx'

/** Columns for which there is no room on narrow screens; they stay, so that an open entry spans all of them. */
const fromSmall = 'max-sm:invisible max-sm:w-0 max-sm:p-0!'
const fromMedium = 'max-md:invisible max-md:w-0 max-md:p-0!'
const fromLarge = 'max-lg:invisible max-lg:w-0 max-lg:p-0!'

type Props = {
  entries: readonly AuditEntry[]
  open: string | null
  hrefOf: (id: string) => string
  onToggle: (id: string) => void
}

/** One line an entry; an open one has all of it underneath. On a phone the lesser columns stand in there only. */
export function AuditTable({ entries, ...rows }: Props) {
  const t = useTranslations('audit')
  const zone = useZoneName()
  return (
    <section aria-label={t('title')} className={`${panel} overflow-hidden`}>
      <table className="w-full table-fixed">
        <thead>
          <tr className={tableHead}>
            <th className="w-[92px] sm:w-[138px]">
              {t('time')} <span suppressHydrationWarning>{zone}</span>
            </th>
            <th className={`w-[124px] ${fromSmall}`}>{t('actor')}</th>
            <th>{t('action')}</th>
            <th className={`w-[30%] ${fromMedium}`}>{t('resource')}</th>
            <th className="w-[92px]">{t('outcome')}</th>
            <th className={`w-[132px] ${fromLarge}`}>{t('address')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <EntryRow key={entry.id} entry={entry} {...rows} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function EntryRow({ entry, open, hrefOf, onToggle }: { entry: AuditEntry } & Omit<Props, 'entries'>) {
  const t = useTranslations('audit')
  const act = useAct()
  const isOpen = open === entry.id
  const [first = '*', ...others] = entry.resources
  return (
    <>
      <tr
        data-row
        className={`relative h-9 border-line border-t first:border-t-0 hover:bg-sunk has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-accent has-[a:focus-visible]:-outline-offset-2 [&>td]:px-3 [&>td]:py-1.5 ${isOpen ? 'bg-sunk' : ''}`}
      >
        <td className="whitespace-nowrap text-muted">
          <Moment at={entry.at} />
        </td>
        <td className={`truncate ${fromSmall}`} title={entry.actor}>
          {entry.actor}
        </td>
        <td className="truncate">
          <Link
            href={hrefOf(entry.id)}
            prefetch={false}
            scroll={false}
            aria-expanded={isOpen}
            aria-controls={isOpen ? `entry-${entry.id}` : undefined}
            // All of the row is pressed.
            className="outline-none after:absolute after:inset-0"
            title={entry.action}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return
              event.preventDefault()
              onToggle(entry.id)
            }}
          >
            <span
              aria-hidden="true"
              className={`mr-1.5 inline-block text-muted transition-transform ${isOpen ? 'rotate-90' : ''}`}
            >
              ›
            </span>
            {act(entry.action)}
          </Link>{' '}
          <span className="hidden font-mono text-muted text-xs xl:inline">{entry.action}</span>
          <span className="block truncate pl-3 text-muted text-xs sm:hidden">{entry.actor}</span>
        </td>
        <td className={`truncate font-mono text-sm ${fromMedium}`} title={entry.resources.join('\n')}>
          {shortResource(first)}
          {others.length > 0 ? (
            <span className="font-sans text-muted"> {t('andMore', { count: others.length })}</span>
          ) : null}
        </td>
        <td>
          {entry.outcome === 'refused' ? (
            <Chip tone="bg-fail-soft text-fail">{t('refused')}</Chip>
          ) : (
            <span className="text-muted">{t('done')}</span>
          )}
        </td>
        <td className={`truncate text-muted ${fromLarge}`} title={entry.address}>
          {entry.address || '–'}
        </td>
      </tr>
      {isOpen ? (
        <tr id={`entry-${entry.id}`} className="bg-sunk">
          <td colSpan={6} className="border-line border-b px-3 pt-1 pb-4">
            <EntryDetails entry={entry} />
          </td>
        </tr>
      ) : null}
    </>
  )
}
