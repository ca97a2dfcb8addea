import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Caller } from '#lib/core/caller.ts'
import { noRequest } from '#lib/core/caller.ts'
import { canonicalRequest, sameSignature, signV3 } from '#lib/core/signature.ts'
import { createAccessKey } from '#lib/operations/access-keys.ts'
import { saveLimits } from '#lib/operations/request-quota.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import { db } from '#lib/store/client.ts'
import { judge, percentile, tell } from './stand/numbers.ts'
import { type Product, signedUp, withProduct } from './stand/product.ts'

// What a pipeline has of the API: one-URL calls over 16 connections for 20 s, and 1,000 URLs in one call,
// against the product as `npm start` runs it. Once with a cache that is away, so that console and database have
// the machine; once with the demo, whose worker and three caches take all of it meanwhile.

const connections = 16
const secondsLong = 20

await withProduct('api', (product) => measure(product, true), '--no-demo')
await withProduct('api-demo', (product) => measure(product, false))
judge('the signature of 100 URLs made and compared, p50 in ms', checkMs(), { atMost: 0.2 })

async function measure(product: Product, isAlone: boolean): Promise<void> {
  const where = isAlone ? 'alone' : 'beside worker and caches'
  await signedUp(product)
  const caller = await ownerOf()
  const domain = isAlone ? await awayDomain(caller) : 'demo.localhost'
  await allowAll(caller)
  const key = await createAccessKey(caller, { userId: caller.userId ?? 0 })
  const pool = new Pool(product.url, { connections, pipelining: 1 })
  const call = (parameters: Record<string, string>) => send(pool, product, key, parameters)
  await hammer(call, domain, 3)
  const times = await hammer(call, domain, secondsLong)
  tell(`one-URL calls, ${where}`, times)
  judge(`one-URL calls a second, ${where}`, times.length / secondsLong, { atLeast: 300 })
  judge(`the same, p99 in ms`, percentile(times, 0.99), { atMost: 150 })
  await delay(3_000)
  const long: number[] = []
  for (let round = 0; round < 30; round += 1) {
    long.push(await call({ ObjectPath: urls(domain, 1_000, `r${round}`) }))
    await delay(200)
  }
  tell(`1,000 URLs in one call, ${where}`, long)
  judge(`1,000 URLs in one call, ${where}, p50 in ms`, percentile(long, 0.5), { atMost: 150 })
  if (isAlone) await tellApart(pool, product, key)
  await pool.close()
}

/** Whether the time of a refusal tells that there is such a key: both kinds in turns, each first as often. */
async function tellApart(pool: Pool, { url }: Product, key: Key): Promise<void> {
  const kinds = {
    wrong: { ...key, secret: 'wrong' },
    unknown: { id: 'LTAI0123456789abcdefghij', secret: 'wrong' },
  }
  const times = { wrong: [] as number[], unknown: [] as number[] }
  for (let round = 0; round < 1_000; round += 1)
    for (const kind of round % 2 ? (['wrong', 'unknown'] as const) : (['unknown', 'wrong'] as const)) {
      const { headers, body } = signed(new URL(url).host, kinds[kind], {
        ObjectPath: 'http://api.bench.test/',
      })
      const startMs = performance.now()
      const answer = await pool.request({ method: 'POST', path: '/', headers, body })
      await answer.body.dump()
      times[kind].push(performance.now() - startMs)
    }
  for (const [kind, all] of Object.entries(times)) tell(`a call of a key that is ${kind}`, all)
  const [wrong, unknown] = [percentile(times.wrong, 0.5), percentile(times.unknown, 0.5)]
  judge(
    'medians of an unknown key and of a wrong secret apart, in percent',
    (100 * Math.abs(wrong - unknown)) / wrong,
    {
      atMost: 5,
    },
  )
}

/** A domain whose one cache nobody answers for. */
async function awayDomain(caller: Caller): Promise<string> {
  const cache = { name: 'away', kind: 'edge', address: 'http://127.0.0.1:9', tier: 'edge' } as const
  const { id } = await saveCache(caller, { ...cache, secret: 'sixteen-characters' })
  const name = 'api.bench.test'
  await saveDomain(caller, { name, cacheIds: [id] })
  return name
}

async function ownerOf(): Promise<Caller> {
  const user = await db().user.findFirstOrThrow({ where: { role: 'owner' } })
  const { id: userId, accountId, name } = user
  return {
    userId,
    accountId,
    name,
    role: 'owner',
    policies: [],
    source: 'console',
    address: '',
    ...noRequest,
  }
}

async function allowAll(caller: Caller): Promise<void> {
  await saveLimits(caller, {
    ...{ perDay: { url: 10_000_000 }, perMinute: { url: 10_000_000 } },
    callsPerSecond: { RefreshDcdnObjectCaches: 10_000 },
  })
}

function urls(domain: string, count: number, mark: string): string {
  return Array.from({ length: count }, (_, at) => `http://${domain}/bench/${mark}/${at}`).join('\n')
}

/** Calls without a pause on every connection. @returns how long each took, ms */
async function hammer(
  call: (parameters: Record<string, string>) => Promise<number>,
  domain: string,
  seconds: number,
): Promise<number[]> {
  const times: number[] = []
  const endMs = performance.now() + seconds * 1_000
  const one = async (at: number) => {
    while (performance.now() < endMs)
      times.push(await call({ ObjectPath: urls(domain, 1, `${at}-${times.length}`) }))
  }
  await Promise.all(Array.from({ length: connections }, (_, at) => one(at)))
  return times
}

type Key = { id: string; secret: string }

/** One signed call. @returns how long it took, ms @throws Error where it was not accepted */
async function send(
  pool: Pool,
  { url }: Product,
  key: Key,
  parameters: Record<string, string>,
): Promise<number> {
  const { headers, body } = signed(new URL(url).host, key, parameters)
  const startMs = performance.now()
  const answer = await pool.request({ method: 'POST', path: '/', headers, body })
  const said = (await answer.body.json()) as { RefreshTaskId?: string }
  if (!said.RefreshTaskId) throw new Error(JSON.stringify(said))
  return performance.now() - startMs
}

function signed(endpoint: string, key: Key, parameters: Record<string, string>) {
  const body = new URLSearchParams(parameters).toString()
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    host: endpoint,
    'x-acs-action': 'RefreshDcdnObjectCaches',
    'x-acs-version': '2018-01-15',
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': bodyHash,
  }
  const signedHeaders = Object.keys(headers).sort()
  const canonical = canonicalRequest({ method: 'POST', query: [], headers, signedHeaders, bodyHash })
  headers.authorization =
    `ACS3-HMAC-SHA256 Credential=${key.id},SignedHeaders=${signedHeaders.join(';')},` +
    `Signature=${signV3(canonical, key.secret)}`
  return { headers, body }
}

/** All that checking a signature takes of a call with 100 URLs in its query, median of 2,000. */
function checkMs(): number {
  const query = [['ObjectPath', urls('www.example.com', 100, 'check')]] as const
  const headers = { host: 'freshet.example.com', 'x-acs-action': 'RefreshDcdnObjectCaches' }
  const parts = { method: 'POST', query, headers, signedHeaders: Object.keys(headers), bodyHash: '' }
  const given = signV3(canonicalRequest(parts), 'secret')
  const times = Array.from({ length: 2_000 }, () => {
    const startMs = performance.now()
    if (!sameSignature(given, signV3(canonicalRequest(parts), 'secret'))) throw new Error('another signature')
    return performance.now() - startMs
  })
  return percentile(times, 0.5)
}
