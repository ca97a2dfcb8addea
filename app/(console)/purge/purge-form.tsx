'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import {
  startTransition,
  useActionState,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useTranslations } from 'use-intl'
import type { LineMark, LinesEditor } from '#components/lines-editor.ts'
import { LinesInput } from '#components/lines-input.tsx'
import { Refusal } from '#components/refusal.tsx'
import { field, link, panel, primaryButton } from '#components/ui/classes.ts'
import { consoleAnswers, Unreachable } from '#components/unreachable.tsx'
import { maxLines, type Problem, parseSubmission, type Submission } from '#lib/core/submission.ts'
import { purgeAction } from './actions.ts'
import { keepDraft, newKey, readDraft } from './draft.ts'
import { type PlanCache, PlanTable } from './plan-table.tsx'

type Domain = { name: string; caches: number[] }

type Props = {
  domains: Domain[]
  caches: PlanCache[]
  firstKey: string
  demo: { url: string; site: string | null } | null
}

export function PurgeForm({ domains, caches, firstKey, demo }: Props) {
  const t = useTranslations()
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const editor = useRef<LinesEditor | null>(null)
  const kept = useRef('')
  const [state, submit, pending] = useActionState(purgeAction, { is: 'idle' })
  const [text, setText] = useState(state.given ?? demo?.url ?? '')
  const [key, setKey] = useState(firstKey)
  const [scripted, setScripted] = useState(false)
  /** Whether the last answer still speaks of what the box holds. */
  const [answered, setAnswered] = useState(true)
  const [cut, setCut] = useState(false)
  const names = useMemo(() => new Set(domains.map((domain) => domain.name)), [domains])
  const shown = useDeferredValue(text)
  const parsed = useMemo(() => parseSubmission(shown, names), [shown, names])
  const marks = useMarks(parsed.problems)

  // Each visit is a try of its own, also where the router kept the page; a draft comes back first.
  useEffect(() => {
    setKey(newKey())
    setScripted(true)
    const draft = readDraft()
    if (draft === '') return
    setText(draft)
    editor.current?.setText(draft)
    const box = form.current?.elements.namedItem('text')
    if (box instanceof HTMLTextAreaElement) box.value = draft
  }, [])

  const changed = (given: string) => {
    setText(given)
    setAnswered(false)
    keepDraft(given)
  }

  useEffect(() => {
    if (state.is !== 'done') return
    keepDraft(kept.current)
    startTransition(() => router.push(`/purge?submission=${state.answer.submissionId}`))
  }, [state, router])

  const send = (data: FormData) => {
    const now = parseSubmission(text, names)
    if (now.lines.length === 0 && now.problems.length > 0) return editor.current?.nextProblem()
    kept.current = textOf(now.problems)
    data.set('text', now.lines.map((line) => line.text).join('\n'))
    data.set('script', '1')
    setAnswered(true)
    submit(data)
  }

  const ready = parsed.lines.length
  const blocked = ready === 0 && parsed.problems.length > 0
  return (
    <form
      ref={form}
      action={submit}
      onSubmit={async (event) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        const reachable = await consoleAnswers()
        setCut(!reachable)
        if (reachable) startTransition(() => send(data))
      }}
    >
      <input type="hidden" name="key" value={key} />
      {demo ? <DemoHint site={demo.site} /> : null}
      <div className={`${panel} focus-within:outline-2 focus-within:outline-accent`}>
        <LinesInput
          name="text"
          label={t('purge.lines')}
          placeholder={t('purge.placeholder')}
          describedBy="purge-strip"
          text={state.given ?? text}
          marks={marks}
          editor={editor}
          onChange={changed}
          onSubmit={() => form.current?.requestSubmit()}
        />
        <Strip
          parsed={parsed}
          scripted={scripted}
          onNext={() => editor.current?.nextProblem()}
          onFix={() => editor.current?.setText(fixed(text, parsed.problems))}
        />
      </div>
      <div className="mt-3">
        <Refusal state={answered ? state : { is: 'idle' }} />
        {cut ? <Unreachable /> : null}
        {!scripted && state.is === 'done' ? (
          <Submitted answer={state.answer} kept={parsed.problems.length} />
        ) : null}
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-x-2.5 gap-y-2">
        <button
          type="submit"
          className={primaryButton}
          disabled={pending || (scripted && (blocked || ready > maxLines))}
          // Without script the server sorts the lines, once the page has shown which are which.
          name={!scripted && parsed.problems.length > 0 ? 'keep' : undefined}
          value="1"
        >
          {blocked && scripted ? t('purge.nothingReady') : t('purge.submit', { count: ready })}
          {parsed.problems.length > 0 && !(blocked && scripted)
            ? t('purge.keep', { count: parsed.problems.length })
            : ''}
          {scripted ? <kbd className="ml-1 font-mono text-[11px]">{t('purge.submitKeys')}</kbd> : null}
        </button>
        <input
          name="note"
          className={`${field} max-w-[240px]`}
          aria-label={t('purge.note')}
          placeholder={t('purge.note')}
          maxLength={200}
        />
        <p className="text-muted md:ml-auto">{t('purge.help')}</p>
      </div>
      {!scripted && parsed.problems.length > 0 ? <ProblemList marks={marks} /> : null}
      <PlanTable caches={concerned(parsed, domains, caches)} />
    </form>
  )
}

const textOf = (problems: readonly Problem[]) => problems.map((problem) => problem.given).join('\n')

/** The caches that serve any domain among the lines. */
function concerned(
  parsed: Submission,
  domains: readonly Domain[],
  caches: readonly PlanCache[],
): PlanCache[] {
  const named = new Set(parsed.lines.map((line) => line.domain))
  const ids = new Set(domains.filter((domain) => named.has(domain.name)).flatMap((domain) => domain.caches))
  return caches.filter((cache) => ids.has(cache.id))
}

/** The text with every offered form taken. */
function fixed(text: string, problems: readonly Problem[]): string {
  const lines = text.split(/\r\n|\r|\n/)
  for (const problem of problems) if (problem.fix !== undefined) lines[problem.line - 1] = problem.fix
  return lines.join('\n')
}

/** Problems as the editor shows them, in the reader's language. */
function useMarks(problems: readonly Problem[]): LineMark[] {
  const t = useTranslations()
  return useMemo(
    () =>
      problems.map(({ line, column, endColumn, code, detail, fix }) => ({
        line,
        column,
        endColumn,
        sentence: t(`problem.${code}`, { detail }),
        ...(fix === undefined ? {} : { fix: { label: t('purge.use', { fix }), text: fix } }),
      })),
    [problems, t],
  )
}

function Strip({
  parsed,
  scripted,
  onNext,
  onFix,
}: {
  parsed: Submission
  scripted: boolean
  onNext: () => void
  onFix: () => void
}) {
  const t = useTranslations('purge')
  const { lines, problems, duplicates } = parsed
  const strong = (chunks: React.ReactNode) => <b className="font-semibold text-text">{chunks}</b>
  return (
    <div
      id="purge-strip"
      className="flex min-h-[38px] flex-wrap items-center gap-x-4 gap-y-1 rounded-b-lg border-line border-t bg-sunk px-3 py-2 text-muted"
    >
      <span>{t.rich('ready', { count: lines.length, strong })}</span>
      {problems.length > 0 ? (
        <span className="text-fail">{t('attention', { count: problems.length })}</span>
      ) : null}
      {duplicates > 0 ? <span>{t.rich('duplicates', { count: duplicates, strong })}</span> : null}
      {lines.length > maxLines ? (
        <span className="text-fail">{t('tooMany', { count: lines.length, limit: maxLines })}</span>
      ) : null}
      {scripted && problems.length > 0 ? (
        <button type="button" className={link} onClick={onNext}>
          {t('next')} <kbd className="font-mono text-[11px]">F8</kbd>
        </button>
      ) : null}
      {scripted && problems.some((problem) => problem.fix !== undefined) ? (
        <button type="button" className={`${link} ml-auto`} onClick={onFix}>
          {t('fixAll')}
        </button>
      ) : null}
      <span className="sr-only" aria-live="polite">
        {problems.length > 0 ? t('attention', { count: problems.length }) : ''}
      </span>
    </div>
  )
}

function DemoHint({ site }: { site: string | null }) {
  const t = useTranslations('demo')
  if (!site) return null
  return (
    <p className="mb-3 text-muted">
      {t('hint')}{' '}
      <a href={site} target="_blank" rel="noreferrer" className={link}>
        {t('open')}
      </a>
    </p>
  )
}

/** Without script: what needs attention, line by line. */
function ProblemList({ marks }: { marks: readonly LineMark[] }) {
  const t = useTranslations('purge')
  return (
    <ul className={`${panel} mt-3 space-y-1 p-3 text-fail`}>
      {marks.slice(0, 200).map((mark) => (
        <li key={mark.line}>{t('lineSays', { line: mark.line, sentence: mark.sentence })}</li>
      ))}
    </ul>
  )
}

/** Without script: what was submitted while some lines stayed. */
function Submitted({ answer, kept }: { answer: { submissionId: string }; kept: number }) {
  const t = useTranslations('purge')
  return (
    <p role="status">
      {t('submitted', { count: kept })}{' '}
      <Link href={`/purge?submission=${answer.submissionId}`} className={link}>
        {t('see')}
      </Link>
    </p>
  )
}
