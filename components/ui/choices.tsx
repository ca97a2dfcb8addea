'use client'

import { useId, useState } from 'react'
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

/** A choice of one or of several, each with what it means. What is found away stays chosen. */
export function Choices({ type, name, legend, help, options, chosen, columns }: Props) {
  const t = useTranslations('form')
  const id = useId()
  const [wanted, setWanted] = useState('')
  const isFound = ({ text }: Option) => text.toLowerCase().includes(wanted.trim().toLowerCase())
  const count = options.filter(isFound).length
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
        {options.map((option) => (
          <label
            key={option.value}
            hidden={!isFound(option)}
            className="flex min-h-[28px] items-baseline gap-2 py-0.5 [&[hidden]]:hidden"
          >
            <input
              type={type}
              name={name}
              value={option.value}
              defaultChecked={chosen.includes(option.value)}
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
        {count === 0 ? <p className="text-muted">{t('foundNone')}</p> : null}
      </div>
    </fieldset>
  )
}
