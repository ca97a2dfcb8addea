'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState, useTransition } from 'react'
import { useTranslations } from 'use-intl'
import { button, field, link } from '#components/ui/classes.ts'
import { type AuditEntry, shortResource } from '#lib/core/audit.ts'
import { type AuditProblem, auditKeys, completionsOf } from '#lib/core/audit-filter.ts'

type Props = { q: string; entries: readonly AuditEntry[]; problems: readonly AuditProblem[] }

/** The search of the audit log: a plain form whose address is the view; with script it completes keys and values. */
export function AuditSearch({ q, entries, problems }: Props) {
  const t = useTranslations('audit')
  const router = useRouter()
  const [pending, startTransition] = useTransition()
  const go = (text: string) =>
    startTransition(() =>
      router.push(text.trim() ? `/audit?${new URLSearchParams({ q: text.trim() })}` : '/audit'),
    )
  return (
    <form
      action="/audit"
      role="search"
      aria-label={t('searchLabel')}
      autoComplete="off"
      className="mb-3"
      onSubmit={(event) => {
        event.preventDefault()
        go(String(new FormData(event.currentTarget).get('q') ?? ''))
      }}
    >
      <div className="flex flex-wrap items-center gap-2">
        <SearchBox q={q} entries={entries} isWrong={problems.length > 0} />
        <button type="submit" className={button} disabled={pending}>
          {t('find')}
        </button>
        {q === '' ? null : (
          <Link href="/audit" className={link}>
            {t('clear')}
          </Link>
        )}
      </div>
      <div
        id="audit-help"
        role={problems.length === 0 ? undefined : 'alert'}
        className="mt-1.5 text-muted text-xs"
      >
        {problems.length === 0 ? (
          t.rich('help', { code: (words) => <code className="font-mono">{words}</code> })
        ) : (
          <ul className="text-sm text-wait">
            {problems.map(({ part, is }) => (
              <li key={`${is} ${part}`}>
                <code className="font-mono">{part.slice(0, 80)}</code>:{' '}
                {t(`problem.${is}`, { keys: auditKeys.join(', ') })}
              </li>
            ))}
          </ul>
        )}
      </div>
    </form>
  )
}

function SearchBox({ q, entries, isWrong }: { q: string; entries: readonly AuditEntry[]; isWrong: boolean }) {
  const t = useTranslations('audit')
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(q)
  const [choices, setChoices] = useState<string[]>([])
  const [active, setActive] = useState(-1)
  /** Where the cursor goes once a choice is written; before the next key, so not in a later frame. */
  const caretTo = useRef<number | null>(null)
  const isOpen = choices.length > 0

  useLayoutEffect(() => {
    if (caretTo.current !== null) input.current?.setSelectionRange(caretTo.current, caretTo.current)
    caretTo.current = null
  })

  const suggest = (given: string, caret: number) => {
    const word = given.slice(0, caret).match(/\S*$/)?.[0] ?? ''
    setChoices(completionsOf(word, knownOf(entries)))
    setActive(-1)
  }
  const take = (choice: string) => {
    const caret = input.current?.selectionStart ?? text.length
    const start = text.slice(0, caret).search(/\S*$/)
    // What stands behind the cursor in the same word is replaced as well.
    const rest = text.slice(caret).replace(/^\S*/, '')
    const isWhole = !choice.endsWith(':')
    const done = `${text.slice(0, start)}${choice}${isWhole && rest === '' ? ' ' : ''}`
    setText(done + rest)
    caretTo.current = done.length
    if (isWhole) setChoices([])
    else suggest(done, done.length)
  }
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || !isOpen) return
    const last = choices.length - 1
    if (event.key === 'ArrowDown') setActive(active >= last ? 0 : active + 1)
    else if (event.key === 'ArrowUp') setActive(active <= 0 ? last : active - 1)
    else if (event.key === 'Escape') setChoices([])
    else if (event.key === 'Enter' && active >= 0) take(choices[active] ?? '')
    else return
    event.preventDefault()
  }

  return (
    <div className="relative min-w-[220px] max-w-[640px] flex-1">
      <input
        ref={input}
        type="search"
        name="q"
        role="combobox"
        aria-expanded={isOpen}
        aria-autocomplete="list"
        aria-controls={`${id}-choices`}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        aria-label={t('searchLabel')}
        aria-describedby="audit-help"
        aria-invalid={isWrong || undefined}
        autoCapitalize="off"
        spellCheck={false}
        maxLength={4_000}
        placeholder={t('placeholder')}
        className={`${field} font-mono text-sm`}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          suggest(event.target.value, event.target.selectionStart ?? event.target.value.length)
        }}
        onFocus={(event) => suggest(event.target.value, event.target.value.length)}
        onBlur={() => setChoices([])}
        onKeyDown={press}
      />
      <div
        id={`${id}-choices`}
        role="listbox"
        aria-label={t('completions')}
        hidden={!isOpen}
        className="absolute inset-x-0 top-full z-10 mt-1 rounded-md border border-line-strong bg-panel py-1"
      >
        {choices.map((choice, at) => (
          <div
            key={choice}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active}
            className="flex cursor-pointer items-baseline gap-3 px-3 py-1 hover:bg-sunk aria-selected:bg-sunk"
            // The input would lose the focus, and its choices with it.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(choice)}
          >
            <code className="font-mono text-sm">{choice}</code>
            <span className="truncate text-muted text-xs">
              {choice.endsWith(':') ? t(`key.${choice.slice(0, -1)}` as never) : null}
            </span>
          </div>
        ))}
      </div>
    </div>
  )
}

/** Values that stand in these entries, for completion. */
function knownOf(entries: readonly AuditEntry[]) {
  const names = entries.flatMap((entry) => entry.resources.map(shortResource))
  const each = (values: readonly string[]) => [...new Set(values)].filter(Boolean).sort()
  return {
    actor: each(entries.map((entry) => entry.actor)),
    action: each(entries.map((entry) => entry.action)),
    domain: each(
      names.filter((name) => name.startsWith('domain/')).map((name) => name.slice('domain/'.length)),
    ),
    resource: each(names.filter((name) => name !== '*')),
    address: each(entries.map((entry) => entry.address)),
  }
}
