import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { noRequest } from '#lib/core/caller.ts'
import { hashPassword } from '#lib/operations/sign-in.ts'
import { db } from '#lib/store/client.ts'
import { judge, percentile, tell } from './stand/numbers.ts'
import { type Child, startNode } from './stand/processes.ts'
import { cookiesOf, type Product, signedUp, startBrowser, withProduct } from './stand/product.ts'
import { addCache, addDomain, purge, startEdge } from './stand/stand.ts'

// A thousand streams of one account that purges ten times a second: from the first viewer who has the
// final state of a task until each has it, against a bare server of events with as many clients and as
// many bytes. Then what the console holds in memory after as much again.

const viewers = 1_000
const users = 20
const submissions = 200
const everyMs = 100
const targets = { ratio: 3, grownMiB: 64 }
const host = 'live.test'
const password = 'correct horse battery'

type Final = { id: string; state: string }
/** When each viewer had something, by what it was. */
type Arrivals = Map<string, number[]>

const children: Child[] = []

await withProduct('live', async (product) => {
  try {
    await signedUp(product)
    const stand = await setUp(product)
    const cookies = await signInAll(product.url)
    const console_ = consolePid(product.pid)
    const arrivals: Arrivals = new Map()
    const sizes: number[] = []
    const close = await watchAll(`${product.url}/api/progress`, cookies, (text) => {
      sizes.push(text.length)
      for (const task of JSON.parse(text) as Final[]) if (task.state === 'complete') arrive(arrivals, task.id)
    })
    await traffic(stand, arrivals)
    const before = residentMiB(console_)
    await traffic(stand, arrivals)
    const grown = residentMiB(console_) - before
    close()
    const missed = [...arrivals.values()].filter((times) => times.length < viewers).length
    const bytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length)
    console.log(
      `${sizes.length} events of ${bytes} bytes on average; the console holds ${before.toFixed(0)} MiB`,
    )
    const bare = await startNode(['bench/stand/bare-events.ts', String(bytes)])
    children.push(bare)
    const bareArrivals: Arrivals = new Map()
    const closeBare = await watchAll(JSON.parse(bare.said).url, [''], (text) => {
      const [event] = JSON.parse(text) as { id: string }[]
      arrive(bareArrivals, String(event?.id))
    })
    await delay((submissions * everyMs) / 2)
    closeBare()
    const [ours, theirs] = [lags(arrivals), lags(bareArrivals)]
    tell('final states, from the first viewer to each', ours)
    tell('bare events, from the first client to each', theirs)
    judge('tasks whose end somebody missed', missed, { atMost: 0 })
    judge('tasks that ended', arrivals.size, { atLeast: 2 * submissions })
    judge('p99 against bare events', percentile(ours, 0.99) / percentile(theirs, 0.99), {
      atMost: targets.ratio,
    })
    judge('the console has grown by, MiB', grown, { atMost: targets.grownMiB })
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
})

type Stand = Parameters<typeof purge>[0]

async function setUp({ folder, databaseUrl }: Product): Promise<Stand> {
  await db()
    .$executeRaw`update account set limits = '{"perDay": {"url": 1000000}, "perMinute": {"url": 1000000}}'`
  const passwordHash = await hashPassword(password)
  for (let at = 0; at < users; at += 1)
    await db().$executeRaw`
      with made as (
        insert into "user" (account_id, name, password_hash, role)
        values (1, ${`viewer ${at}`}, ${passwordHash}, 'user') returning id
      )
      insert into attachment (account_id, user_id, system) select 1, id, 'FreshetReadOnlyAccess' from made`
  const caller = {
    accountId: 1,
    userId: 1,
    name: 'bench',
    role: 'owner' as const,
    policies: [],
    source: 'console' as const,
    ...noRequest,
    address: '',
  }
  const stand = { folder, caller, databaseUrl }
  const caches: number[] = []
  for (const name of ['one', 'two', 'three']) {
    const edge = await startEdge({ name, origin: `${host}=http://127.0.0.1:9` })
    children.push(edge)
    caches.push(await addCache(stand, name, 'edge', edge.control))
  }
  await addDomain(stand, host, caches)
  return stand
}

async function signInAll(url: string): Promise<string[]> {
  const browser = await startBrowser()
  const cookies: string[] = []
  for (let at = 0; at < users; at += 1) {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${url}/sign-in`)
    await page.getByLabel('Name').fill(`viewer ${at}`)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${url}/`)
    cookies.push(await cookiesOf(page))
    await context.close()
  }
  await browser.close()
  return cookies
}

/** Opens all streams. @returns what closes them */
async function watchAll(url: string, cookies: string[], take: (event: string) => void): Promise<() => void> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
  for (let at = 0; at < viewers; at += 1) {
    const cookie = cookies[at % cookies.length] ?? ''
    await new Promise<void>((resolve, reject) => {
      get(url, { agent, headers: { cookie } }, (answer) => {
        if (answer.statusCode !== 200) return reject(new Error(`a stream was answered ${answer.statusCode}`))
        let rest = ''
        answer.setEncoding('utf8').on('data', (text: string) => {
          const events = (rest + text).split('\n\n')
          rest = events.pop() ?? ''
          for (const event of events) if (event.startsWith('data: ')) take(event.slice(6))
        })
        resolve()
      }).on('error', reject)
    })
  }
  return () => agent.destroy()
}

async function traffic(stand: Stand, arrivals: Arrivals): Promise<void> {
  const before = arrivals.size
  for (let at = 0; at < submissions; at += 1) {
    await Promise.all([purge(stand, [`https://${host}/${at}`]), delay(everyMs)])
  }
  for (let waited = 0; arrivals.size < before + submissions && waited < 20; waited += 1) await delay(1_000)
  await delay(2_000)
}

function arrive(arrivals: Arrivals, id: string): void {
  const times = arrivals.get(id)
  if (times) times.push(performance.now())
  else arrivals.set(id, [performance.now()])
}

function lags(arrivals: Arrivals): number[] {
  return [...arrivals.values()].flatMap((times) => times.map((time) => time - (times[0] ?? time)))
}

/** The process behind the console's pages, among those that the product started. */
function consolePid(launcher: number): number {
  const waiting = [launcher]
  for (const pid of waiting) {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('app/server.ts')) return pid
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    waiting.push(...children.split(' ').filter(Boolean).map(Number))
  }
  throw new Error('there is no console')
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
