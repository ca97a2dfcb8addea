import { type Caller, noRequest } from '#lib/core/caller.ts'
import { type Asked, evaluate } from '#lib/core/policy.ts'
import type { Statement } from '#lib/core/policy-document.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import { judge, median, tell } from './stand/numbers.ts'

// What a decision costs a caller with 1,000 statements in 200 policies: one URL, and a submission of 10,000
// URLs on 20 domains. Once with statements that name domains, as people write them, and once with statements
// that all are about every domain and ask for a path, so that none can be passed over.

const policies = 200
const each = 5
const domains = 20
const lines = 10_000
const action = 'dcdn:RefreshDcdnObjectCaches'
const targets = { manyMs: 20, oneMs: 0.2 }

const nameOf = (domain: number) => `www-${domain}.example.com`

/** One in five denies; of the others one in three asks for a path. */
function usual(index: number): Statement {
  const Resource = [`acs:dcdn:*:*:domain/${nameOf(Math.floor(index / each) % domains)}`]
  const Action = index % 2 === 0 ? ['dcdn:Refresh*', 'dcdn:Preload*'] : [action]
  if (index % 5 === 0) return { Effect: 'Deny', Action, Resource, Condition: onPath(`/secret-${index}/*`) }
  if (index % 3 === 0) return { Effect: 'Allow', Action, Resource, Condition: onPath(`/shop/${index}/*`) }
  return { Effect: 'Allow', Action, Resource }
}

/** Every statement is about everything, and the last one allows. */
function worst(index: number): Statement {
  const base = { Action: ['*'], Resource: ['*'] }
  if (index === policies * each - 1) return { ...base, Effect: 'Allow', Condition: onPath('/shop/*') }
  const Effect = index % 2 === 0 ? 'Allow' : 'Deny'
  return { ...base, Effect, Condition: onPath(`/shop/secret-${index}/*`) }
}

const onPath = (path: string): Statement['Condition'] => ({ StringLike: { 'freshet:Path': [path] } })

function callerWith(statement: (index: number) => Statement): Caller {
  return {
    accountId: 1,
    userId: 2,
    name: 'ines',
    role: 'user',
    policies: Array.from({ length: policies }, (_, policy) => ({
      name: `policy-${policy}`,
      group: null,
      document: {
        Version: '1',
        Statement: Array.from({ length: each }, (_, at) => statement(policy * each + at)),
      },
    })),
    source: 'console',
    ...noRequest,
    address: '192.0.2.7',
  }
}

/** A domain with its share of the lines. */
function asked(domain: number, count: number): Asked {
  const reaches = Array.from({ length: count }, (_, line) => {
    return { path: `/shop/category-${line % 40}/product-${domain}-${line}.html`, wide: false }
  })
  const resource = domainResource(1, nameOf(domain))
  return { resource, method: 'url', mode: 'hard', lineCount: lines, caches: ['fra1', 'ams1'], reaches }
}

function timesOf(rounds: number, decide: () => { allowed: boolean }): number[] {
  return Array.from({ length: rounds }, () => {
    const startMs = performance.now()
    const { allowed } = decide()
    const tookMs = performance.now() - startMs
    if (!allowed) throw new Error('what is measured was refused')
    return tookMs
  })
}

const submission = Array.from({ length: domains }, (_, domain) => asked(domain, lines / domains))
const single = [asked(0, 1)]

for (const [kind, statement] of Object.entries({ usual, worst })) {
  const caller = callerWith(statement)
  timesOf(200, () => evaluate(caller, action, single))
  const manyMs = timesOf(100, () => evaluate(caller, action, submission))
  const oneMs = timesOf(2_000, () => evaluate(caller, action, single))
  tell(`${kind}, ${lines} URLs`, manyMs)
  tell(`${kind}, one URL`, oneMs)
  judge(`${kind}, ${lines} URLs on ${domains} domains, p50, ms`, median(manyMs), { atMost: targets.manyMs })
  judge(`${kind}, one URL, p50, ms`, median(oneMs), { atMost: targets.oneMs })
}
