import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { type CacheKind, capabilities } from '#lib/core/capabilities.ts'
import type { CommandKind } from '#lib/core/command.ts'
import { methods } from '#lib/core/line.ts'
import { coverageTest } from '#lib/core/matching.ts'
import type { Holdings } from '#lib/core/question.ts'
import { parseSubmission, type SubmissionLine } from '#lib/core/submission.ts'
import { type CacheView, readCaches } from '#lib/store/caches.ts'
import { type DomainView, rulesOf } from '#lib/store/domains.ts'
import { readKnownUrls } from '#lib/store/tasks.ts'
import { askCaches } from './ask-caches.ts'
import { operation } from './operation.ts'
import { askedBy, countingParameters, readGround } from './submit.ts'

const mostLines = 200
const mostDomains = 5
const mostCaches = 20
const mostUrls = 20
/** Patterns take time, at caches too. */
const mostPatterns = 20
/** What looking through known URLs may take in all, and until others have their turn, ms. */
const mostMs = 200
const sliceMs = 5
const waits = [50, 100, 150, 200, 300, 400, 600, 800]

/** What is known of what a submission would reach on one domain. */
export type DomainPreview = {
  domain: string
  /** URLs that it covers, of caches and of Records, 20 at most. */
  urls: string[]
  /** What the caches that can tell hold of it, together; null where none has answered. */
  held: { objects: number; bytes: number; caches: number; isWhole: boolean } | null
  /** Names of caches that cannot tell, or did not. */
  silent: string[]
  /** For how long copies stay fresh by themselves, seconds; null where that is not known. */
  freshSeconds: number | null
}

/** Tells what is known of what a purge would reach, before anybody submits it. */
export const previewSubmission = operation({
  action: 'freshet:PreviewSubmission',
  input: z.object({
    text: z.string().max(500_000),
    method: z.enum(methods).exclude(['prefetch']),
    tagDomain: z.string().optional(),
  }),
  async prepare(caller, { text, method, tagDomain }) {
    const ground = await readGround(caller)
    const rules = { method, domains: rulesOf(ground.domains), dialect: 'console' as const }
    const { lines } = parseSubmission(text, tagDomain === undefined ? rules : { ...rules, tagDomain })
    return { ground, lines }
  },
  resources: ({ method }, caller, { ground, lines }) => askedBy(lines, { caller, ground, method }),
  async run(caller, _, { ground: { domains }, lines }): Promise<DomainPreview[]> {
    return inTurn(`${caller.accountId}/${caller.userId}`, async () => {
      const caches = await readCaches(caller.accountId)
      const byDomain = [...Map.groupBy(lines.slice(0, mostLines), (line) => line.domain)].slice(
        0,
        mostDomains,
      )
      return Promise.all(
        byDomain.flatMap(([name, own]) => {
          const domain = domains.find((one) => one.name === name)
          return domain ? [preview(caller.accountId, domain, own, caches)] : []
        }),
      )
    })
  },
})

const turns = new Map<string, Promise<unknown>>()

/** One preview of a person after the other: caches search for each of them. */
async function inTurn<Answer>(person: string, work: () => Promise<Answer>): Promise<Answer> {
  const turn = (turns.get(person) ?? Promise.resolve()).then(work, work)
  turns.set(person, turn)
  try {
    return await turn
  } finally {
    if (turns.get(person) === turn) turns.delete(person)
  }
}

async function preview(
  accountId: number,
  domain: DomainView,
  lines: readonly SubmissionLine[],
  caches: readonly CacheView[],
): Promise<DomainPreview> {
  const kind = lines[0]?.kind as CommandKind
  const all = lines.filter((line) => line.kind === kind)
  const own = kind === 'regex' ? all.slice(0, mostPatterns) : all
  const coverage = { kind, targets: own.map((line) => line.target), ...countingParameters({ kind }, domain) }
  const serving = caches.filter((cache) => domain.caches.includes(cache.id))
  const able = serving.filter(
    (cache) => isThere(cache) && capabilities[cache.kind as CacheKind].tellsHoldings,
  )
  const question = { is: 'holdings', domain: domain.name, ...coverage } as const
  const asked = able.slice(0, mostCaches).map(({ id }) => id)
  const [answered, known] = await Promise.all([
    askCaches(accountId, asked, question, waits),
    kind === 'tag' || kind === 'url' ? [] : readKnownUrls(accountId, domain.name),
  ])
  const answers = new Map([...answered].filter(([, answer]) => answer !== null)) as Map<number, Holdings>
  const fromRecords = await covered(known.map(targetOf), coverageTest(coverage))
  const targets = new Set([...[...answers.values()].flatMap((answer) => answer.targets), ...fromRecords])
  return {
    domain: domain.name,
    urls: [...targets].slice(0, mostUrls).map((target) => `https://${domain.name}${target}`),
    held: together([...answers.values()], own.length === lines.length),
    silent: serving.filter((cache) => !answers.has(cache.id)).map((cache) => cache.name),
    freshSeconds: freshness([...answers.values()], domain),
  }
}

/** The first of these targets that are covered, as far as there is time. */
async function covered(targets: readonly string[], covers: (target: string) => boolean): Promise<string[]> {
  const found: string[] = []
  const startMs = performance.now()
  let sliceStartMs = startMs
  for (const target of targets) {
    if (covers(target)) found.push(target)
    const nowMs = performance.now()
    if (found.length === mostUrls || nowMs - startMs > mostMs) break
    if (nowMs - sliceStartMs < sliceMs) continue
    await setImmediate()
    sliceStartMs = performance.now()
  }
  return found
}

const isThere = ({ status }: CacheView) => status === 'up' || status === 'unknown'
const targetOf = (url: string) => url.replace(/^(?:https?:\/\/)?[^/?#]*/i, '') || '/'

function together(answers: readonly Holdings[], areAllAsked: boolean): DomainPreview['held'] {
  if (answers.length === 0) return null
  return {
    objects: answers.reduce((sum, { objects }) => sum + objects, 0),
    bytes: answers.reduce((sum, { bytes }) => sum + bytes, 0),
    caches: answers.length,
    isWhole: areAllAsked && answers.every(({ complete }) => complete),
  }
}

function freshness(answers: readonly Holdings[], { settings }: DomainView): number | null {
  const holding = answers.filter(({ objects }) => objects > 0)
  if (holding.length > 0) return Math.max(...holding.map(({ freshSeconds }) => freshSeconds))
  return settings.ttlSeconds
}
