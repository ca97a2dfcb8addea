'use client'

import Link from 'next/link'
import { useEffect, useId, useRef, useState } from 'react'
import { useFormatter, useTimeZone, useTranslations } from 'use-intl'
import { button, field, link } from '#components/ui/classes.ts'
import { methods } from '#lib/core/line.ts'
import {
  type FilterName,
  filterNames,
  type RecordFilter,
  type StatusFilter,
  statusFilters,
  type Window,
  windows,
} from '#lib/core/records.ts'

type Props = {
  filter: RecordFilter
  wrong: FilterName[]
  until: string
  domains: string[]
  caches: string[]
  onChange: (query: URLSearchParams) => void
}

const statuses = Object.keys(statusFilters) as StatusFilter[]
/** Filters that are in the form as the address has them, before and after the script. */
const atOnce = filterNames.filter((name) => name !== 'from' && name !== 'until')
const more = ['operation', 'mode', 'cache', 'source', 'note', 'task', 'from', 'until'] as const

/** The filters of Records. They are a plain form whose address is the view; with script each acts at once. */
export function Filters({ filter, wrong, until, domains, caches, onChange }: Props) {
  const t = useTranslations()
  const form = useRef<HTMLFormElement>(null)
  const [scripted, setScripted] = useState(false)
  const [contains, setContains] = useHeld(filter.url)
  const moreCount = more.filter((name) => filter[name] !== undefined).length
  const act = () => {
    if (form.current) onChange(queryOf(form.current))
  }
  const actIfChosen = useRef(() => {
    // What was chosen before the script had taken over would be forgotten.
    const chosen = form.current && queryOf(form.current)
    if (chosen && atOnce.some((name) => (chosen.get(name) ?? undefined) !== filter[name])) act()
  })
  useEffect(() => {
    actIfChosen.current()
    setScripted(true)
  }, [])
  const named = <Name extends string>(names: readonly Name[], textOf: (name: Name) => string): Option[] =>
    names.map((value) => ({ value, text: textOf(value) }))
  const chips: Chip[] = [
    { name: 'range', options: useWindows(until, filter) },
    { name: 'status', options: named(statuses, (value) => t(`records.statusFilter.${value}`)) },
    { name: 'domain', options: known(domains, filter.domain) },
    { name: 'method', options: named([...methods, 'everything'], (value) => t(`method.${value}`)) },
  ]
  const moreChips: Chip[] = [
    { name: 'operation', options: named(['purge', 'prefetch'], (value) => t(`operation.${value}`)) },
    { name: 'mode', options: named(['hard', 'soft'], (value) => t(`mode.${value}`)) },
    { name: 'cache', options: known(caches, filter.cache) },
    { name: 'source', options: named(['console', 'api', 'system'], (value) => t(`source.${value}`)) },
  ]
  return (
    <form
      ref={form}
      action="/records"
      role="search"
      aria-label={t('records.filters')}
      // A browser that fills in what was written before would ask for another view than the address does.
      autoComplete="off"
      className="mb-2 flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        act()
      }}
    >
      <input
        type="search"
        name="url"
        id="records-filter"
        className={`${field} max-w-[260px]`}
        aria-label={t('records.filter.url')}
        placeholder={t('records.containsHint')}
        value={contains}
        maxLength={2048}
        onChange={(event) => {
          setContains(event.target.value)
          if (event.target.value === '' && filter.url !== undefined) act()
        }}
        onBlur={() => contains.trim() !== (filter.url ?? '') && act()}
      />
      {chips.map((chip) => (
        <ChipSelect key={chip.name} chip={chip} value={filter[chip.name]} onChange={act} />
      ))}
      <ChipInput name="user" value={filter.user} onDone={act} />
      <details open={moreCount > 0} className="open:basis-full">
        <summary className={`${chipLook} cursor-pointer`}>{t('records.more', { count: moreCount })}</summary>
        <div className="mt-2 flex flex-wrap items-end gap-2">
          {moreChips.map((chip) => (
            <ChipSelect key={chip.name} chip={chip} value={filter[chip.name]} onChange={act} />
          ))}
          <ChipInput name="note" value={filter.note} onDone={act} />
          <ChipInput name="task" value={filter.task} onDone={act} />
          {scripted ? (
            <>
              <MomentInput name="from" value={filter.from} onDone={act} />
              <MomentInput name="until" value={filter.until} onDone={act} />
            </>
          ) : (
            <>
              <input type="hidden" name="from" value={filter.from ?? ''} />
              <input type="hidden" name="until" value={filter.until ?? ''} />
            </>
          )}
        </div>
      </details>
      {/* Enter works only where there is a button; with script nobody has to see it. */}
      <button type="submit" className={scripted ? `${button} sr-only focus:not-sr-only` : button}>
        {t('records.apply')}
      </button>
      {Object.keys(filter).length > 0 ? (
        <Link href="/records" className={link}>
          {t('records.clear')}
        </Link>
      ) : null}
      {wrong.length > 0 ? (
        <p className="basis-full text-wait" role="status">
          {t('records.wrong', { names: wrong.map((name) => t(`records.filter.${name}`)).join(', ') })}
        </p>
      ) : null}
    </form>
  )
}

/** What a form says, with moments of this browser's clock as moments of the world. */
function queryOf(form: HTMLFormElement): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of new FormData(form)) {
    const given = String(value).trim()
    if (given === '') continue
    const isMoment = name === 'from' || name === 'until'
    query.set(name, isMoment ? new Date(given).toISOString() : given)
  }
  return query
}

/** The names there are, and the one that is asked for, which may have been removed. */
function known(names: readonly string[], chosen: string | undefined) {
  const all = chosen === undefined || names.includes(chosen) ? names : [chosen, ...names]
  return all.map((name) => ({ value: name, text: name }))
}

/** Windows by their length; the chosen one says until when. */
function useWindows(until: string, filter: RecordFilter) {
  const t = useTranslations('records')
  const format = useFormatter()
  const timeZone = useTimeZone()
  const at = format.dateTime(new Date(until), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone ? { timeZone } : {}),
  })
  return (Object.keys(windows) as Window[]).map((value) => ({
    value,
    text:
      filter.range === value ? t('windowUntil', { window: t(`window.${value}`), at }) : t(`window.${value}`),
  }))
}

const chipShape =
  'inline-flex min-h-[28px] [field-sizing:content] items-center rounded-full border px-2.5 py-0.5 text-sm hover:border-muted'
const chipLook = `${chipShape} border-line bg-panel text-muted`
const chosenLook = `${chipShape} border-accent bg-accent-soft text-accent`
const lookOf = (value: string | undefined) => (value === undefined ? chipLook : chosenLook)

type ChipName = Exclude<FilterName, 'url' | 'user' | 'note' | 'task' | 'from' | 'until'>
type Option = { value: string; text: string }
type Chip = { name: ChipName; options: Option[] }

/** What somebody has chosen, until the page says otherwise: it follows at the next answer. */
function useHeld(value: string | undefined): [string, (value: string) => void] {
  const [held, setHeld] = useState(value ?? '')
  const [said, setSaid] = useState(value)
  if (said !== value) {
    setSaid(value)
    setHeld(value ?? '')
  }
  return [held, setHeld]
}

function ChipSelect({
  chip,
  value,
  onChange,
}: {
  chip: Chip
  value: string | undefined
  onChange: () => void
}) {
  const t = useTranslations('records')
  const { name, options } = chip
  const [held, setHeld] = useHeld(value)
  return (
    <select
      name={name}
      aria-label={t(`filter.${name}`)}
      value={held}
      onChange={(event) => {
        setHeld(event.target.value)
        onChange()
      }}
      className={`${lookOf(value)} max-w-[220px] cursor-pointer`}
    >
      <option value="">{t('any', { name: t(`filter.${name}`) })}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </select>
  )
}

type InputProps = {
  name: 'user' | 'note' | 'task' | 'from' | 'until'
  value: string | undefined
  onDone: () => void
}

/** A word that filters; it acts once the cursor leaves it, or at Enter. */
function ChipInput({ name, value, onDone }: InputProps) {
  const t = useTranslations('records')
  const [held, setHeld] = useHeld(value)
  return (
    <input
      name={name}
      aria-label={t(`filter.${name}`)}
      placeholder={t('any', { name: t(`filter.${name}`) })}
      value={held}
      onChange={(event) => setHeld(event.target.value)}
      onBlur={(event) => event.target.value.trim() !== (value ?? '') && onDone()}
      className={`${lookOf(value)} min-w-[84px] max-w-[200px] placeholder:text-muted`}
    />
  )
}

function MomentInput({ name, value, onDone }: InputProps) {
  const t = useTranslations('records')
  const id = useId()
  const local = value === undefined ? '' : localOf(new Date(value))
  const [held, setHeld] = useHeld(local)
  return (
    <span className="inline-flex items-center gap-1.5">
      <label htmlFor={id} className="text-muted text-sm">
        {t(`filter.${name}`)}
      </label>
      <input
        id={id}
        type="datetime-local"
        name={name}
        value={held}
        onChange={(event) => setHeld(event.target.value)}
        onBlur={(event) => event.target.value !== local && onDone()}
        className={lookOf(value)}
      />
    </span>
  )
}

/** A moment as the field wants it, by this browser's clock. */
function localOf(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}
