'use client'

import { useRouter } from 'next/navigation'
import { startTransition, useActionState, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { LinesEditor } from '#components/lines-editor.ts'
import { LinesInput } from '#components/lines-input.tsx'
import { newKey } from '#components/new-key.ts'
import { findObstacle, type Obstacle, Obstructed } from '#components/obstacle.tsx'
import { Refusal } from '#components/refusal.tsx'
import { link, panel } from '#components/ui/classes.ts'
import type { Caller } from '#lib/core/caller.ts'
import type { Mode } from '#lib/core/command.ts'
import { type DomainRules, plainRules } from '#lib/core/domain-rules.ts'
import type { Method } from '#lib/core/line.ts'
import { readDropped, tidyPasted } from '#lib/core/paste.ts'
import { defaultMode } from '#lib/core/plan.ts'
import type { PoolState } from '#lib/core/quota.ts'
import { parseSubmission, type Room, type Submission, type SubmissionLine } from '#lib/core/submission.ts'
import { submitAction } from './actions.ts'
import { AskForRights } from './ask-for-rights.tsx'
import { ConfirmHosts } from './confirm-hosts.tsx'
import { Domains } from './domains.tsx'
import { type Draft, keepDraft, readDraft } from './draft.ts'
import { fixed, useMarks } from './marks.ts'
import { MethodBar } from './method-bar.tsx'
import { type PlanCache, PlanTable } from './plan-table.tsx'
import { PrefetchOptions } from './prefetch-options.tsx'
import { PreviewPanel } from './preview-panel.tsx'
import { Strip } from './strip.tsx'
import { LoadWarning, SubmitRow } from './submit-row.tsx'
import { useSettled } from './use-settled.ts'
import { ProblemList, Submitted } from './without-script.tsx'

/** A domain as the form needs it; rules are left out where every character counts. */
export type FormDomain = {
  name: string
  caches: number[]
  rules?: DomainRules
  /** Others that share its cache, where there are some. */
  shared?: string[]
  prefetchEdges: boolean
  allowCredentials: boolean
}

type Props = {
  /** Whose draft is kept in this browser. */
  owner: string
  domains: FormDomain[]
  caches: PlanCache[]
  firstKey: string
  demo: { url: string; site: string | null } | null
  /** What the box begins with, from a past task for example. */
  initial: { text: string; method: Method; domain?: string; headers?: string } | null
  pools: PoolState[]
  room: Room
  resetsAt: string
  queued: number
  denied: { purge?: string | undefined; prefetch?: string | undefined }
  /** Who submits, where policies say what may be; and who could let them do more. */
  rights: { caller: Caller; grantors: string[] } | null
}

export function PurgeForm(props: Props) {
  const { owner, domains, caches, firstKey, demo, initial, pools, room, resetsAt, queued, denied, rights } =
    props
  const t = useTranslations()
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const editor = useRef<LinesEditor | null>(null)
  const kept = useRef<Draft>({ text: '', method: 'url' })
  const [state, submit, pending] = useActionState(submitAction, { is: 'idle' })
  const [text, setText] = useState(state.given ?? initial?.text ?? demo?.url ?? '')
  const [method, setMethod] = useState<Method>(
    initial?.method ?? (denied.purge && !denied.prefetch ? 'prefetch' : 'url'),
  )
  const [mode, setMode] = useState<Mode>(defaultMode(initial?.method ?? 'url'))
  const only = domains.length === 1 ? domains[0]?.name : undefined
  const [tagDomain, setTagDomain] = useState(initial?.domain ?? only ?? '')
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [forbidden, setForbidden] = useState(false)
  const [headers, setHeaders] = useState(initial?.headers ?? '')
  const [key, setKey] = useState(firstKey)
  const [scripted, setScripted] = useState(false)
  /** Whether the last answer still speaks of what the box holds. */
  const [answered, setAnswered] = useState(true)
  const [obstacle, setObstacle] = useState<Obstacle | null>(null)
  const judge = useJudge(rights?.caller ?? null, {
    domains,
    caches,
    method,
    mode,
  })
  const read = useReader(domains, method, tagDomain, room, judge)
  const shown = useSettled(text)
  const parsed = useMemo(() => read(shown), [read, shown])
  const marks = useMarks(parsed)

  const replaceText = useCallback((given: string) => {
    setText(given)
    editor.current?.setText(given)
    const box = form.current?.elements.namedItem('text')
    if (box instanceof HTMLTextAreaElement) box.value = given
  }, [])

  const choose = useCallback((next: Method) => {
    setMethod(next)
    setMode(defaultMode(next))
    setForbidden(false)
    setAnswered(false)
  }, [])

  // Each visit is a try of its own, also where the router kept the page; a draft comes back first.
  useEffect(() => {
    setKey(newKey())
    setScripted(true)
    const draft = initial ? null : readDraft(owner)
    if (!draft) return
    choose(draft.method)
    replaceText(draft.text)
  }, [owner, initial, choose, replaceText])

  const changed = (given: string) => {
    setText(given)
    setAnswered(false)
    keepDraft(owner, { text: given, method })
  }

  useEffect(() => {
    if (state.is !== 'done') return
    keepDraft(owner, kept.current)
    startTransition(() => router.push(`/purge?submission=${state.answer.submissionId}`))
  }, [state, router, owner])

  const send = async (data: FormData) => {
    const now = read(text)
    if (now.lines.length === 0 && now.problems.length > 0) return editor.current?.nextProblem()
    kept.current = { text: now.problems.map((problem) => problem.given).join('\n'), method }
    data.set('text', now.lines.map((line) => line.text).join('\n'))
    data.set('script', '1')
    const found = await findObstacle(data)
    setObstacle(found)
    setAnswered(true)
    if (!found) startTransition(() => submit(data))
  }

  const hosts = hostsReached(parsed.lines)
  const unconfirmed = hosts.filter((host) => typed[host]?.trim().toLowerCase() !== host)
  const isPrefetch = method === 'prefetch'
  const named = namedDomains(parsed.lines, domains)
  return (
    <form
      ref={form}
      action={submit}
      onSubmit={(event) => {
        event.preventDefault()
        void send(new FormData(event.currentTarget))
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.defaultPrevented || !(event.target instanceof HTMLInputElement))
          return
        // In a field beside the lines Enter alone would submit what cannot be stopped.
        event.preventDefault()
        if (event.ctrlKey || event.metaKey) event.currentTarget.requestSubmit()
      }}
    >
      <input type="hidden" name="key" value={key} />
      <input type="hidden" name="shownMethod" value={initial?.method ?? 'url'} />
      {demo ? <DemoHint site={demo.site} /> : null}
      <MethodBar
        method={method}
        mode={mode}
        pools={pools}
        resetsAt={resetsAt}
        denied={denied}
        onMethod={choose}
        onMode={setMode}
      />
      {method === 'tag' || !scripted ? (
        <Domains
          name="tagDomain"
          label={t('purge.tagDomain')}
          domains={domains.map((domain) => domain.name)}
          value={tagDomain}
          onChange={setTagDomain}
        />
      ) : null}
      <div className={`${panel} focus-within:outline-2 focus-within:outline-accent`}>
        <LinesInput
          name="text"
          label={t(`purge.linesOf.${method}`)}
          placeholder={t(`purge.placeholderOf.${method}`)}
          describedBy="purge-strip"
          text={state.given ?? text}
          marks={marks}
          editor={editor}
          onChange={changed}
          onSubmit={() => form.current?.requestSubmit()}
          tidy={(given, fileName) => (fileName ? readDropped(fileName, given) : tidyFor(method, given))}
        />
        <Strip
          parsed={parsed}
          scripted={scripted}
          onNext={() => editor.current?.nextProblem()}
          onFix={() => editor.current?.setText(fixed(text, read(text).problems))}
          onFile={async (file) => {
            const entries = readDropped(file.name, await file.text())
            editor.current?.setText(text.trim() === '' ? entries : `${text.trimEnd()}\n${entries}`)
          }}
        />
      </div>
      {rights ? <AskForRights problems={parsed.problems} method={method} grantors={rights.grantors} /> : null}
      <ConfirmHosts
        hosts={hosts}
        typed={typed}
        onType={(host, name) => setTyped((before) => ({ ...before, [host]: name }))}
      />
      {isPrefetch ? (
        <PrefetchOptions
          headers={headers}
          allowCredentials={named.length > 0 && named.every((domain) => domain.allowCredentials)}
          onHeaders={setHeaders}
          onLines={replaceText}
        />
      ) : null}
      <div className="mt-3">
        <Refusal state={answered ? state : { is: 'idle' }} />
        <Obstructed by={obstacle} />
        {!scripted && state.is === 'done' ? (
          <Submitted answer={state.answer} kept={parsed.problems.length} />
        ) : null}
      </div>
      <SubmitRow
        method={method}
        mode={mode}
        parsed={parsed}
        scripted={scripted}
        isHeld={pending || (scripted && unconfirmed.length > 0)}
        forbidden={forbidden}
        denied={denied}
        queued={queued}
        onForbidden={setForbidden}
      />
      <LoadWarning lines={parsed.lines} />
      {!scripted && parsed.problems.length > 0 ? <ProblemList marks={marks} /> : null}
      {scripted ? <PreviewPanel lines={parsed.lines} method={method} tagDomain={tagDomain} /> : null}
      <PlanTable
        caches={concerned(named, caches)}
        lines={parsed.lines}
        mode={mode}
        forbidden={forbidden}
        shieldsOnly={named.length > 0 && named.every((domain) => !domain.prefetchEdges)}
      />
    </form>
  )
}

/** Tags may stand side by side; anything else is tidied as URLs are. */
const tidyFor = (method: Method, given: string) =>
  method === 'tag' ? given.replaceAll(/[,;\t]\s*/g, '\n') : tidyPasted(given)

/** Reads texts by the rules of the form as it stands; lines that it has read before cost nothing. */
function useReader(
  domains: readonly FormDomain[],
  method: Method,
  tagDomain: string,
  room: Room,
  judge: Judge,
): (text: string) => Submission {
  return useMemo(() => {
    const named = new Map(domains.map((domain) => [domain.name, domain.rules ?? plainRules]))
    const rules = { method, domains: named, dialect: 'console' as const, tagDomain }
    const memory = new Map()
    return (text) => {
      if (memory.size > 50_000) memory.clear()
      return judge(parseSubmission(text, rules, { room, memory }))
    }
  }, [domains, method, tagDomain, room, judge])
}

type Judge = (submission: Submission) => Submission

/** Marks the lines that policies do not let somebody submit. Owners do not wait for what tells it. */
function useJudge(
  caller: Caller | null,
  {
    domains,
    caches,
    method,
    mode,
  }: { domains: readonly FormDomain[]; caches: readonly PlanCache[]; method: Method; mode: Mode },
): Judge {
  const [permitted, setPermitted] = useState<typeof import('#lib/core/permitted.ts').permitted>()
  const isOwner = caller === null
  useEffect(() => {
    if (!isOwner) void import('#lib/core/permitted.ts').then((module) => setPermitted(() => module.permitted))
  }, [isOwner])
  return useMemo(() => {
    if (!permitted || !caller) return (submission) => submission
    const names = new Map(caches.map(({ id, name }) => [id, name]))
    const serving = new Map(
      domains.map(({ name, caches: ids }) => [name, ids.flatMap((id) => names.get(id) ?? [])]),
    )
    const cachesOf = (domain: string) => serving.get(domain) ?? []
    const partners = new Map(domains.map(({ name, shared = [] }) => [name, shared]))
    const sharedBy = (domain: string) => partners.get(domain) ?? []
    return (submission) =>
      permitted(submission, caller, { method, mode, cachesOf, sharedBy, nowMs: Date.now() })
  }, [permitted, caller, domains, caches, method, mode])
}

function hostsReached(lines: readonly SubmissionLine[]): string[] {
  return [...new Set(lines.filter((line) => line.breadth === 'host').map((line) => line.domain))]
}

function namedDomains(lines: readonly SubmissionLine[], domains: readonly FormDomain[]): FormDomain[] {
  const names = new Set(lines.map((line) => line.domain))
  return domains.filter((domain) => names.has(domain.name))
}

/** The caches that serve any of these domains. */
function concerned(domains: readonly FormDomain[], caches: readonly PlanCache[]): PlanCache[] {
  const ids = new Set(domains.flatMap((domain) => domain.caches))
  return caches.filter((cache) => ids.has(cache.id))
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
