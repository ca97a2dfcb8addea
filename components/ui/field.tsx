'use client'

import { type ComponentProps, type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useOwnRefusal } from '../refusal.tsx'
import { field } from './classes.ts'

type Common = { name: string; label: string; help?: ReactNode }

/** A labelled input with its help, and with what was refused about it. */
export function Field({ label, help, name, ...input }: ComponentProps<'input'> & Common) {
  return (
    <Labelled label={label} help={help} name={name}>
      {(described) => <input id={name} name={name} className={field} {...described} {...input} />}
    </Labelled>
  )
}

/** A labelled box for lines of text in a fixed width. */
export function TextArea({ label, help, name, ...area }: ComponentProps<'textarea'> & Common) {
  return (
    <Labelled label={label} help={help} name={name}>
      {(described) => (
        <textarea
          id={name}
          name={name}
          rows={3}
          spellCheck={false}
          className={`${field} font-mono text-sm`}
          {...described}
          {...area}
        />
      )}
    </Labelled>
  )
}

/** More of them are found by a part of their text: a list of thousands cannot be drawn, nor read. */
const mostOptions = 100

/** A labelled choice of one. */
export function Select({
  label,
  help,
  name,
  options,
  ...select
}: ComponentProps<'select'> & Common & { options: { value: string; text: string }[] }) {
  const t = useTranslations('form')
  const [wanted, setWanted] = useState('')
  const isFound = ({ value, text }: { value: string; text: string }) =>
    wanted === '' ? value === select.defaultValue : text.toLowerCase().includes(wanted.trim().toLowerCase())
  const isLong = options.length > mostOptions
  const shown = isLong
    ? [...new Set([...options.filter(isFound), ...(wanted === '' ? options : [])])]
    : options
  return (
    <Labelled label={label} help={help} name={name}>
      {(described) => (
        <>
          {isLong ? (
            <input
              type="search"
              aria-label={t('findIn', { what: label })}
              placeholder={t('find')}
              className={`${field} mb-1`}
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          ) : null}
          <select id={name} name={name} className={field} {...described} {...select}>
            {shown.slice(0, mostOptions).map((option) => (
              <option key={option.value} value={option.value}>
                {option.text}
              </option>
            ))}
          </select>
        </>
      )}
    </Labelled>
  )
}

type Described = { 'aria-describedby': string | undefined; 'aria-invalid': true | undefined }

function Labelled({
  label,
  help,
  name,
  children,
}: Common & { children: (described: Described) => ReactNode }) {
  const refused = useOwnRefusal(name)
  const described = [help ? `${name}-help` : '', refused ? `${name}-refused` : ''].filter(Boolean).join(' ')
  return (
    <div>
      <label htmlFor={name} className="mb-1 block font-medium">
        {label}
      </label>
      {children({
        'aria-describedby': described || undefined,
        'aria-invalid': refused ? true : undefined,
      })}
      {help ? (
        <p id={`${name}-help`} className="mt-1 text-muted text-xs">
          {help}
        </p>
      ) : null}
      {refused ? (
        <p id={`${name}-refused`} className="mt-1 text-fail text-xs">
          {refused}
        </p>
      ) : null}
    </div>
  )
}
