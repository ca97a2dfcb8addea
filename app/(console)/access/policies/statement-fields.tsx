'use client'

import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { field } from '#components/ui/classes.ts'
import { actionNames } from '#lib/core/actions.ts'
import { modes } from '#lib/core/command.ts'
import { methods } from '#lib/core/line.ts'
import { type Verb, verbs } from '#lib/core/policy.ts'
import { weekdays } from '#lib/core/policy-conditions.ts'
import type { StatementForm } from '#lib/core/policy-sentence.ts'
import { wildcard } from '#lib/core/wildcard.ts'
import { CoveredPaths } from './covered-paths.tsx'

type Props = {
  id: string
  form: StatementForm
  domains: string[]
  caches: string[]
  /** Whether the author may read what was submitted. */
  seesLines: boolean
  onChange: (part: Partial<StatementForm>) => void
}

const purgeMethods = methods.filter((method) => method !== 'prefetch')
const verbNames = Object.keys(verbs) as Verb[]
const days = [...weekdays.slice(1), weekdays[0]] as const

/** The parts of a statement, each with what it may be. */
export function StatementFields({ id, form, domains, caches, seesLines, onChange }: Props) {
  const t = useTranslations()
  const p = 'access.policies'
  return (
    <>
      <Group legend={t(`${p}.effect`)}>
        {(['Allow', 'Deny'] as const).map((effect) => (
          <Tick
            key={effect}
            type="radio"
            name={`${id}-effect`}
            text={t(`${p}.${effect === 'Allow' ? 'allow' : 'deny'}`)}
            checked={form.effect === effect}
            onChange={() => onChange({ effect })}
          />
        ))}
      </Group>
      <Many
        legend={t('access.grant.can')}
        all={verbNames}
        chosen={form.can}
        text={(can) => t(`access.grant.${can}`)}
        onChange={(can) => onChange({ can })}
      />
      <Lines
        id={`${id}-other`}
        label={t(`${p}.other`)}
        values={form.other}
        options={actionNames}
        onChange={(other) => onChange({ other })}
      />
      <Lines
        id={`${id}-domains`}
        label={t(`${p}.domains`)}
        help={t(`${p}.domainsHelp`)}
        values={form.domains}
        options={['*', ...domains]}
        onChange={(next) => onChange({ domains: next })}
      />
      <Covered patterns={form.domains} names={domains} />
      <Many
        legend={t('access.requests.methods')}
        all={purgeMethods}
        chosen={form.methods}
        text={(method) => t(`method.${method}`)}
        onChange={(next) => onChange({ methods: next })}
      />
      <Many
        legend={t(`${p}.never`)}
        all={purgeMethods}
        chosen={form.notMethods}
        text={(method) => t(`method.${method}`)}
        onChange={(notMethods) => onChange({ notMethods })}
      />
      <Lines
        id={`${id}-paths`}
        label={t('access.requests.paths')}
        help={t('access.requests.pathsHelp')}
        values={form.paths}
        onChange={(paths) => onChange({ paths })}
      />
      {seesLines ? <CoveredPaths form={form} /> : null}
      <Many
        legend={t(`${p}.modes`)}
        all={modes}
        chosen={form.modes}
        text={(mode) => t(`mode.${mode}`)}
        onChange={(next) => onChange({ modes: next })}
      />
      <Many
        legend={t(`${p}.days`)}
        all={days}
        chosen={form.weekdays}
        text={(day) => t(`${p}.day.${day as 'mon'}`)}
        onChange={(next) => onChange({ weekdays: next })}
      />
      <Lines
        id={`${id}-caches`}
        label={t(`${p}.caches`)}
        values={form.caches}
        options={caches}
        onChange={(next) => onChange({ caches: next })}
      />
      <Lines
        id={`${id}-addresses`}
        label={t(`${p}.addresses`)}
        values={form.fromAddresses}
        onChange={(fromAddresses) => onChange({ fromAddresses })}
      />
      <label className="block max-w-[220px]">
        <span className="mb-1 block font-medium">{t(`${p}.mostLines`)}</span>
        <input
          type="number"
          min={1}
          className={field}
          value={form.mostLines ?? ''}
          onChange={(event) =>
            onChange({ mostLines: event.target.value === '' ? null : Number(event.target.value) })
          }
        />
      </label>
    </>
  )
}

function Group({ legend, children }: { legend: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">{children}</div>
    </fieldset>
  )
}

type TickProps = { type?: 'radio'; name?: string; text: string; checked: boolean; onChange: () => void }

function Tick({ type, text, ...input }: TickProps) {
  return (
    <label className="flex min-h-[28px] items-center gap-2">
      <input type={type ?? 'checkbox'} className="size-4 accent-accent" {...input} />
      {text}
    </label>
  )
}

type ManyProps<Value> = {
  legend: string
  all: readonly Value[]
  chosen: readonly string[]
  text: (value: Value) => string
  onChange: (chosen: Value[]) => void
}

/** Some of a few, in their own order. */
function Many<Value extends string>({ legend, all, chosen, text, onChange }: ManyProps<Value>) {
  return (
    <Group legend={legend}>
      {all.map((value) => (
        <Tick
          key={value}
          text={text(value)}
          checked={chosen.includes(value)}
          onChange={() => onChange(all.filter((one) => (one === value) !== chosen.includes(one)))}
        />
      ))}
    </Group>
  )
}

type LinesProps = {
  id: string
  label: string
  help?: string
  values: readonly string[]
  options?: readonly string[]
  onChange: (values: string[]) => void
}

/** Names or patterns, one a line; those that are known can be picked. */
function Lines({ id, label, help, values, options = [], onChange }: LinesProps) {
  const t = useTranslations('access.policies')
  const [text, setText] = useState(values.join('\n'))
  const read = (given: string) => [...new Set(given.split(/\s+/).filter(Boolean))]
  // What the JSON says anew replaces what was typed here, unless that says the same.
  if (read(text).join() !== values.join() && document.activeElement?.id !== id) setText(values.join('\n'))
  const write = (given: string) => {
    setText(given)
    onChange(read(given))
  }
  const left = options.filter((option) => !values.includes(option))
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <textarea
          id={id}
          rows={Math.min(6, Math.max(1, values.length))}
          className={`${field} min-w-0 flex-1 font-mono text-sm`}
          spellCheck={false}
          value={text}
          onChange={(event) => write(event.target.value)}
        />
        {left.length > 0 ? (
          <div className="w-[110px] shrink-0">
            <select
              aria-label={t('pick', { what: label })}
              className={field}
              value=""
              onChange={(event) => write([...values, event.target.value].join('\n'))}
            >
              <option value="">{t('pickShort')}</option>
              {left.map((option) => (
                <option key={option}>{option}</option>
              ))}
            </select>
          </div>
        ) : null}
      </div>
      {help ? <p className="mt-1 text-muted text-xs">{help}</p> : null}
    </div>
  )
}

const mostShown = 8

/** The domains that patterns cover now. */
function Covered({ patterns, names }: { patterns: readonly string[]; names: readonly string[] }) {
  const t = useTranslations('access.policies')
  const tests = patterns.map((pattern) => wildcard(pattern).fits)
  const covered = names.filter((name) => tests.some((fits) => fits(name)))
  return (
    <p className="text-muted text-xs">
      {t('covers', { count: covered.length, all: names.length })} {covered.slice(0, mostShown).join(', ')}
      {covered.length > mostShown ? '…' : ''}
    </p>
  )
}
