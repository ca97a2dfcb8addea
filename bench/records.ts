import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { type RecordFilter, writeFilter } from '#lib/core/records.ts'
import { countTasks, findSubmissions } from '#lib/store/records.ts'
import { dropDay, keepRecords } from '#lib/store/retention.ts'
import { loadRecords } from './stand/many-records.ts'
import { judge, percentile, tell } from './stand/numbers.ts'
import { signedUp, withProduct } from './stand/product.ts'

// Ten million lines over 30 days of 20 accounts, the largest of which has more than a third: any two
// filters at any depth, a text in URLs, and a day that is dropped; in the database, and as a page of the
// product over HTTP.

const days = 30
const tasksPerDay = 30_000
const rounds = 20
const whole = (accountId: number) => ({ accountId, domains: null })
const targets = { databaseMs: 60, httpMs: 150, searchMs: 300, dropMs: 100, overviewMs: 150 }

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T

/** Values of every filter but the text, each as rare or as common as it comes. */
const values = {
  operation: () => pick(['purge', 'prefetch'] as const),
  method: () => pick(['url', 'directory', 'regex', 'tag', 'prefetch', 'ignore-parameters'] as const),
  mode: () => pick(['hard', 'soft'] as const),
  domain: () => `www${pick([0, 3, 9])}.account1.test`,
  status: () => pick(['open', 'complete', 'partial', 'failed', 'unsuccessful'] as const),
  cache: () => `pop-${pick([1, 4, 8])}`,
  user: () => pick(['user 0', 'user 2', 'user 4', 'nobody']),
  source: () => pick(['console', 'system', 'api'] as const),
  note: () => pick(['OPS-1', 'OPS-29950', 'nothing']),
  range: () => pick(['1h', '24h', '7d', '30d'] as const),
}
type Name = keyof typeof values

await withProduct('records', async (product) => {
  const cookie = await signedUp(product)
  const client = new pg.Client({ connectionString: product.databaseUrl })
  // The server ends first where something failed, and that is what is to be seen.
  client.on('error', () => {})
  await client.connect()
  await load(client)
  await filters(product.url, cookie)
  await overviews(product.url, cookie)
  await searches()
  await drops(client)
  await client.end()
})

async function load(client: pg.Client): Promise<void> {
  const startMs = performance.now()
  await loadRecords(client, { days, tasksPerDay })
  const [{ lines, tasks }] = (
    await client.query(
      `select (select count(*) from line)::int as lines, (select count(*) from task)::int as tasks`,
    )
  ).rows as [{ lines: number; tasks: number }]
  const loadedMs = performance.now()
  await client.query('vacuum analyze task')
  await keepRecords()
  await client.query('analyze')
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(0)
  console.log(
    `${lines} lines of ${tasks} tasks over ${days} days, loaded in ${seconds(startMs, loadedMs)} s, indexed by trigrams in ${seconds(loadedMs, performance.now())} s`,
  )
}

function pairs(): [Name, Name][] {
  const names = Object.keys(values) as Name[]
  return names.flatMap((a, at) => names.slice(at + 1).map((b): [Name, Name] => [a, b]))
}

/** A number of any task of these days. */
function anywhere(): string {
  const day = new Date(Date.now() - Math.floor(Math.random() * days) * 86_400_000).toISOString().slice(0, 10)
  return day.replaceAll('-', '') + String(Math.floor(Math.random() * tasksPerDay)).padStart(8, '0')
}

async function filters(url: string, cookie: string): Promise<void> {
  const databaseMs: number[] = []
  const countMs: number[] = []
  const httpMs: number[] = []
  const slowest = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [a, b] of pairs()) {
      const { range, ...rest } = { [a]: values[a](), [b]: values[b]() } as RecordFilter
      const hours = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 }
      const from = range && new Date(Date.now() - hours[range] * 3_600_000).toISOString()
      const filter: RecordFilter = { ...rest, ...(from ? { from } : {}) }
      const before = Math.random() < 0.5 ? undefined : anywhere()
      const took = await timeMs(() => findSubmissions(whole(1), filter, { before, limit: 51 }))
      databaseMs.push(took)
      slowest.set(`${a} ${b}`, Math.max(took, slowest.get(`${a} ${b}`) ?? 0))
      countMs.push(await timeMs(() => countTasks(whole(1), filter)))
      if (round % 4 > 0) continue
      const query = writeFilter({ ...rest, ...(range ? { range } : {}) })
      if (before) query.set('before', before)
      httpMs.push(await timeMs(() => visit(`${url}/records?${query}`, cookie)))
    }
  }
  tell('two filters, in the database', databaseMs)
  tell('their count', countMs)
  tell('two filters, the page over HTTP', httpMs)
  const worst = [...slowest].sort((one, other) => other[1] - one[1]).slice(0, 3)
  console.log(`slowest pairs: ${worst.map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', ')}`)
  judge('two filters, in the database, p99, ms', percentile(databaseMs, 0.99), { atMost: targets.databaseMs })
  judge('two filters, over HTTP, p99, ms', percentile(httpMs, 0.99), { atMost: targets.httpMs })
}

async function overviews(url: string, cookie: string): Promise<void> {
  const pageMs: number[] = []
  for (let round = 0; round < 100; round += 1)
    for (const range of ['24h', '30d'])
      pageMs.push(await timeMs(() => visit(`${url}/?range=${range}`, cookie)))
  tell('Overview, the page over HTTP', pageMs)
  judge('Overview, over HTTP, p99, ms', percentile(pageMs, 0.99), { atMost: targets.overviewMs })
}

async function visit(url: string, cookie: string): Promise<void> {
  const answer = await fetch(url, { headers: { cookie } })
  if (!(await answer.text()).includes('</html>')) throw new Error(`no page: ${answer.status}`)
}

async function searches(): Promise<void> {
  const texts = [
    () => randomBytes(4).toString('hex'),
    () => randomBytes(2).toString('hex').slice(0, 3),
    () =>
      pick(['html', 'account1.test/directory', '/tag/', 'www9', '/regex/0', 'nowhere-at-all', '.account2.']),
  ]
  const searchMs: number[] = []
  const slowest = new Map<string, number>()
  for (let round = 0; round < 100; round += 1) {
    for (const text of texts) {
      for (const account of [1, 12]) {
        const url = text()
        const filter: RecordFilter = Math.random() < 0.5 ? { url } : { url, status: 'unsuccessful' }
        const before = Math.random() < 0.5 ? undefined : anywhere()
        const took = await timeMs(() => findSubmissions(whole(account), filter, { before, limit: 51 }))
        searchMs.push(took)
        slowest.set(`${url} of account ${account}`, took)
      }
    }
  }
  tell('a text of 3 characters or more', searchMs)
  const worst = [...slowest].sort((one, other) => other[1] - one[1]).slice(0, 5)
  console.log(`slowest: ${worst.map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', ')}`)
  judge('a text, p99, ms', percentile(searchMs, 0.99), { atMost: targets.searchMs })
}

async function drops(client: pg.Client): Promise<void> {
  const droppedMs: number[] = []
  for (let ago = days - 1; ago > days - 8; ago -= 1) {
    const number = new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
    const deletedMs = await timeMs(() =>
      client.query(`delete from task where id >= ${number}00000000 and id < ${number}00001000`),
    )
    droppedMs.push(await timeMs(() => dropDay(`line_${number}`)))
    if (ago === days - 1) console.log(`a thousand tasks deleted in ${deletedMs.toFixed(0)} ms`)
  }
  tell('a day of lines dropped', droppedMs)
  judge('a day dropped, longest, ms', Math.max(...droppedMs), { atMost: targets.dropMs })
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
