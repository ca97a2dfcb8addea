'use client'

import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { LinesEditor } from '#components/lines-editor.ts'
import { LinesInput } from '#components/lines-input.tsx'
import { button, panel } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import type { Caller } from '#lib/core/caller.ts'
import { mayAnywhere, verbs } from '#lib/core/policy.ts'
import { formatPolicy, maxPolicyLength, type PolicyDocument, parsePolicy } from '#lib/core/policy-document.ts'
import { lint } from '#lib/core/policy-lint.ts'
import { emptyForm, fromForm } from '#lib/core/policy-sentence.ts'
import { savePolicyAction } from './actions.ts'
import { usePolicyMarks } from './policy-marks.ts'
import { StatementCard } from './statement-card.tsx'

type Props = {
  /** Null for a new one. */
  policy: { name: string; version: number } | null
  first: PolicyDocument
  author: Caller
  domains: string[]
  caches: string[]
}

/** A policy as sentences and as JSON, each in step with the other. */
export function PolicyEditor({ policy, first, author, domains, caches }: Props) {
  const t = useTranslations('access.policies')
  const [text, setText] = useState(() => formatPolicy(first))
  const editor = useRef<LinesEditor | null>(null)
  const [scripted, setScripted] = useState(false)
  useEffect(() => setScripted(true), [])
  const parsed = useMemo(() => parsePolicy(text), [text])
  // While the JSON is broken the sentences stay as they were.
  const held = useRef(first)
  if ('document' in parsed) held.current = parsed.document
  const document = held.current
  const isBroken = 'problems' in parsed
  const { accountId } = author
  const warnings = useMemo(
    () => ('document' in parsed ? lint(parsed.document, { author, domains, accountId }) : []),
    [parsed, author, domains, accountId],
  )
  const marks = usePolicyMarks(text, 'problems' in parsed ? parsed.problems : [], warnings)
  const write = (Statement: PolicyDocument['Statement']) => {
    const next = formatPolicy({ Version: '1', Statement })
    setText(next)
    editor.current?.setText(next)
  }
  const replace = (at: number, next: PolicyDocument['Statement']) =>
    write(document.Statement.toSpliced(at, 1, ...next))
  return (
    <SheetForm
      action={savePolicyAction}
      title={policy ? t('changeTitle', { name: policy.name }) : t('add')}
      help={t('help')}
      save={policy ? t('saveVersion', { version: policy.version + 1 }) : t('save')}
      back={policy ? `/access/policies/${policy.name}` : '/access/policies'}
    >
      {policy ? (
        <>
          <input type="hidden" name="name" value={policy.name} />
          <input type="hidden" name="after" value={policy.version} />
        </>
      ) : (
        <div className="max-w-[380px]">
          <Field
            name="name"
            label={t('name')}
            help={t('nameHelp')}
            required
            autoComplete="off"
            spellCheck={false}
          />
        </div>
      )}
      <div className="grid gap-4 lg:grid-cols-2">
        <section aria-label={t('sentences')} className="min-w-0 space-y-2">
          <h3 className="font-medium">{t('sentences')}</h3>
          {document.Statement.map((statement, at) => (
            <StatementCard
              // A statement has no name; its place is what it is known by.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={at}
              statement={statement}
              at={at}
              accountId={accountId}
              domains={domains}
              caches={caches}
              seesLines={mayAnywhere(author, verbs.see)}
              isLocked={isBroken}
              onChange={(next) => replace(at, [next])}
              onRemove={() => replace(at, [])}
            />
          ))}
          <button
            type="button"
            className={button}
            disabled={isBroken}
            onClick={() =>
              write([...document.Statement, fromForm({ ...emptyForm, can: ['see'] }, accountId)])
            }
          >
            {t('addStatement')}
          </button>
          {isBroken ? <p className="text-wait">{t('broken')}</p> : null}
        </section>
        <section aria-label={t('json')} className="min-w-0">
          <div className="mb-2 flex items-baseline justify-between">
            <h3 className="font-medium">{t('json')}</h3>
            <span
              id="policy-size"
              className={`tabular-nums ${text.length > maxPolicyLength ? 'text-fail' : 'text-muted'}`}
            >
              {t('size', { size: text.length, most: maxPolicyLength })}
            </span>
          </div>
          <div className={`${panel} overflow-hidden`}>
            <LinesInput
              name="plain"
              label={t('json')}
              placeholder=""
              describedBy="policy-size"
              text={text}
              marks={marks}
              editor={editor}
              onChange={setText}
              onSubmit={() => {}}
              tidy={(given) => given}
            />
          </div>
          {/* The editor is no field of a form; without script the plain box is. */}
          {scripted ? <input type="hidden" name="text" value={text} /> : null}
        </section>
      </div>
      <div className="max-w-[480px]">
        <Field name="reason" label={t('reason')} maxLength={200} />
      </div>
    </SheetForm>
  )
}
