'use client'

import { useId, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { field } from './classes.ts'

type Option = { value: string; text: string; says?: string }
type Props = {
  type: 'checkbox' | 'radio'
  name: string
  legend: string
  help?: string
  options: Option[]
  chosen: readonly string[]
  /** Side by side, for many short ones. */
  columns?: boolean
}

/** More of them are found by a part of their text. */
const mostWithoutSearch = 12
/** More of them at once would be slow to draw, and nobody reads so far. */
const mostShown = 100

/** A choice of one or of several, each with what it means. What is found away stays chosen. */
export function Choices({ type, name, legend, help, options, chosen, columns }: Props) {
  const t = useTranslations('form')
  const id = useId()
  const [wanted, setWanted] = useState('')
  const [ticked, setTicked] = useState(() => new Set(chosen))
  const ordered = useMemo(
    () => (options.length > mostShown ? chosenFirst(options, chosen) : options),
    [options, chosen],
  )
  const found = ordered.filter(({ text }) => text.toLowerCase().includes(wanted.trim().toLowerCase()))
  const shown = new Set(found.slice(0, mostShown))
  const tick = (value: string, isTicked: boolean) => {
    const next = new Set(type === 'radio' ? [] : ticked)
    if (isTicked) next.add(value)
    else next.delete(value)
    setTicked(next)
  }
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{legend}</legend>
      {help ? <p className="mb-1.5 text-muted text-xs">{help}</p> : null}
      {options.length > mostWithoutSearch ? (
        <input
          type="search"
          aria-label={t('findIn', { what: legend })}
          placeholder={t('find')}
          className={`${field} mb-2 max-w-[320px]`}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      ) : null}
      <div className={`max-h-[280px] gap-x-4 overflow-y-auto ${columns ? 'grid sm:grid-cols-3' : ''}`}>
        {ordered
          .filter((option) => shown.has(option) || ticked.has(option.value))
          .map((option) => (
            <label
              key={option.value}
              hidden={!shown.has(option)}
              className="flex min-h-[28px] items-baseline gap-2 py-0.5 [&[hidden]]:hidden"
            >
              <input
                type={type}
                name={name}
                value={option.value}
                defaultChecked={ticked.has(option.value)}
                onChange={(event) => tick(option.value, event.target.checked)}
                aria-labelledby={`${id}-${option.value}`}
                aria-describedby={option.says ? `${id}-${option.value}-says` : undefined}
                className="size-4 shrink-0 translate-y-[3px] accent-accent"
              />
              <span className="min-w-0 break-words">
                <span id={`${id}-${option.value}`}>{option.text}</span>{' '}
                {option.says ? (
                  <span id={`${id}-${option.value}-says`} className="text-muted">
                    {option.says}
                  </span>
                ) : null}
              </span>
            </label>
          ))}
        {found.length === 0 ? <p className="text-muted">{t('foundNone')}</p> : null}
        {found.length > mostShown ? (
          <p className="text-muted">{t('foundMore', { count: found.length - mostShown })}</p>
        ) : null}
      </div>
    </fieldset>
  )
}

/** Of very many, those that are chosen would else stand where nobody sees them. */
function chosenFirst(options: Option[], chosen: readonly string[]): Option[] {
  const { true: first = [], false: others = [] } = Object.groupBy(
    options,
    ({ value }) => `${chosen.includes(value)}`,
  )
  return [...first, ...others]
}
