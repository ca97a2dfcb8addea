import { z } from 'zod'
import { type CacheKind, capabilities } from '#lib/core/capabilities.ts'
import type { CommandKind } from '#lib/core/command.ts'
import { methods } from '#lib/core/line.ts'
import { coverageTest } from '#lib/core/matching.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import { parseSubmission, type SubmissionLine } from '#lib/core/submission.ts'
import { type CacheView, readCaches } from '#lib/store/caches.ts'
import { transaction } from '#lib/store/client.ts'
import { type DomainView, rulesOf } from '#lib/store/domains.ts'
import { insertQuestion, readAnswers } from '#lib/store/probes.ts'
import { readKnownUrls } from '#lib/store/tasks.ts'
import { operation } from './operation.ts'
import { readGround, resourcesOf } from './submit.ts'

const mostLines = 200
const mostDomains = 5
const mostCaches = 20
const mostUrls = 20
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
  resources: ({ method, tagDomain, text }, caller) =>
    method === 'tag' ? [domainResource(caller.accountId, tagDomain ?? '')] : resourcesOf(text, caller),
  async run(caller, { text, method, tagDomain }): Promise<DomainPreview[]> {
    const { domains } = await readGround(caller)
    const rules = { method, domains: rulesOf(domains), dialect: 'console' as const }
    const { lines } = parseSubmission(text, tagDomain === undefined ? rules : { ...rules, tagDomain })
    const caches = await readCaches(caller.accountId)
    const byDomain = [...Map.groupBy(lines.slice(0, mostLines), (line) => line.domain)].slice(0, mostDomains)
    return Promise.all(
      byDomain.flatMap(([name, own]) => {
        const domain = domains.find((one) => one.name === name)
        return domain ? [preview(caller.accountId, domain, own, caches)] : []
      }),
    )
  },
})

async function preview(
  accountId: number,
  domain: DomainView,
  lines: readonly SubmissionLine[],
  caches: readonly CacheView[],
): Promise<DomainPreview> {
  const kind = lines[0]?.kind as CommandKind
  const own = lines.filter((line) => line.kind === kind)
  const coverage = { kind, targets: own.map((line) => line.target) }
  const serving = caches.filter((cache) => domain.caches.includes(cache.id))
  const able = serving.filter(
    (cache) => isThere(cache) && capabilities[cache.kind as CacheKind].tellsHoldings,
  )
  const [answers, known] = await Promise.all([
    ask(accountId, able.slice(0, mostCaches), { domain: domain.name, ...coverage }),
    kind === 'tag' ? [] : readKnownUrls(accountId, domain.name),
  ])
  const covers = coverageTest(coverage)
  const fromRecords = known.filter((url) => covers(targetOf(url))).map(targetOf)
  const targets = new Set([...[...answers.values()].flatMap((answer) => answer.targets), ...fromRecords])
  return {
    domain: domain.name,
    urls: [...targets].slice(0, mostUrls).map((target) => `https://${domain.name}${target}`),
    held: together([...answers.values()]),
    silent: serving.filter((cache) => !answers.has(cache.id)).map((cache) => cache.name),
    freshSeconds: freshness([...answers.values()], domain),
  }
}

const isThere = ({ status }: CacheView) => status === 'up' || status === 'unknown'
const targetOf = (url: string) => url.replace(/^(?:https?:\/\/)?[^/?#]*/i, '') || '/'

type Holdings = { objects: number; bytes: number; targets: string[]; freshSeconds: number; complete: boolean }

/** Asks caches through their worker, and waits a little for what they say. */
async function ask(
  accountId: number,
  caches: readonly CacheView[],
  coverage: { domain: string; kind: CommandKind; targets: string[] },
): Promise<Map<number, Holdings>> {
  if (caches.length === 0) return new Map()
  const asked = await transaction(async (tx) => {
    const ids = new Map<number, string>()
    for (const { id } of caches)
      ids.set(id, await insertQuestion(tx, accountId, id, { is: 'holdings', ...coverage }))
    return ids
  })
  let answers = new Map<string, unknown>()
  for (const ms of waits) {
    await new Promise((resolve) => setTimeout(resolve, ms))
    answers = await readAnswers(accountId, [...asked.values()])
    if (answers.size === asked.size) break
  }
  return new Map(
    [...asked].flatMap(([cacheId, id]) => {
      const answer = answers.get(id) as Holdings | null | undefined
      return answer ? [[cacheId, answer] as const] : []
    }),
  )
}

function together(answers: readonly Holdings[]): DomainPreview['held'] {
  if (answers.length === 0) return null
  return {
    objects: answers.reduce((sum, { objects }) => sum + objects, 0),
    bytes: answers.reduce((sum, { bytes }) => sum + bytes, 0),
    caches: answers.length,
    isWhole: answers.every(({ complete }) => complete),
  }
}

function freshness(answers: readonly Holdings[], { settings }: DomainView): number | null {
  const holding = answers.filter(({ objects }) => objects > 0)
  if (holding.length > 0) return Math.max(...holding.map(({ freshSeconds }) => freshSeconds))
  return settings.ttlSeconds
}
