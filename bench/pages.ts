import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from '@playwright/test'
import pg from 'pg'
import { findBrowser } from '#lib/fleet/browser.ts'
import { freePort } from '../e2e/launch.ts'
import { judge, median, tell } from './stand/numbers.ts'
import { signedUp, startBrowser, withProduct } from './stand/product.ts'

// Records with 100,000 tasks, in Chromium with an empty cache: what is transferred, and how long until the
// first row stands there; beside a Bull Board page over 100,000 jobs. Then Lighthouse on three pages.

const count = 100_000
const rounds = 5
const targets = { bytes: 250_000, rowMs: 1_000, performance: 95, others: 100 }
/** Not among our own packages: nobody but this benchmark wants them. */
const rivals = [
  'lighthouse@13.5.0',
  'bullmq@6.7.0',
  '@bull-board/api@9.10.2',
  '@bull-board/express@9.10.1',
  'express@5.3.0',
  'ioredis@6.0.0',
]

const children: ChildProcess[] = []

await withProduct('pages', async (product) => {
  const { url, folder, databaseUrl } = product
  const tools = path.join(folder, 'tools')
  mkdirSync(tools)
  try {
    writeFileSync(path.join(tools, 'package.json'), '{ "private": true, "type": "module" }')
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', ...rivals], {
      cwd: tools,
      stdio: 'inherit',
    })
    const cookie = await signedUp(product)
    await load(databaseUrl)
    const board = await startBoard(tools)
    const browser = await startBrowser()
    const ours = await visits(browser, `${url}/records`, 'tbody tr', cookie)
    const theirs = await visits(browser, board, 'a[href*="/queue/purges/"]', '')
    await browser.close()
    for (const [name, { bytes, rowMs }] of Object.entries({ Records: ours, 'Bull Board': theirs })) {
      console.log(`${name}: ${(median(bytes) / 1000).toFixed(0)} KB transferred`)
      tell(`${name}, until the first row`, rowMs)
    }
    judge('Records, transferred, bytes', median(ours.bytes), { atMost: targets.bytes })
    judge('Records, until the first row, longest, ms', Math.max(...ours.rowMs), { atMost: targets.rowMs })
    for (const page of ['/purge', '/records', '/']) await lighthouse(tools, `${url}${page}`, cookie)
  } finally {
    for (const child of children) child.kill('SIGTERM')
  }
})

async function load(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(`
    set session_replication_role = replica;
    insert into task (id, account_id, submission_id, domain_id, domain, operation, kind, mode, class, source, actor,
      line_count, command_count, first_line, route_id, first_seq, last_seq, state, accepted_at, applied_at, confirmed_at)
    select to_char(now() at time zone 'UTC', 'YYYYMMDD')::bigint * 100000000 + n, 1, n, d.id, d.name, 'purge', 'url', 'hard', 0,
      'console', 'bench', 1, 1, 'https://' || d.name || '/page-' || n || '.html', m.route_id, 1, 1, 'complete',
      now() - interval '1 second', now(), now()
    from generate_series(1, ${count}) n, domain d join domain_mark m on m.domain_id = d.id limit ${count};
    analyze task`)
  await client.end()
}

/** Redis, a queue of finished jobs, and the page over it. @returns its address */
async function startBoard(tools: string): Promise<string> {
  const [redisPort, boardPort] = [await freePort(), await freePort()]
  children.push(
    spawn('redis-server', ['--port', String(redisPort), '--save', '', '--bind', '127.0.0.1'], {
      stdio: 'ignore',
    }),
  )
  const script = path.join(tools, 'board.js')
  writeFileSync(
    script,
    `import express from 'express'
import { Redis } from 'ioredis'
import { Queue } from 'bullmq'
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { ExpressAdapter } from '@bull-board/express'
const connection = new Redis(${redisPort}, '127.0.0.1', { maxRetriesPerRequest: null })
const queue = new Queue('purges', { connection })
for (let at = 0; at < ${count}; at += 5000)
  await queue.addBulk(Array.from({ length: 5000 }, (_, n) => ({ name: 'purge', data: { url: 'https://demo.localhost/page-' + (at + n) + '.html' } })))
const serverAdapter = new ExpressAdapter()
createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter })
const app = express()
app.use('/', serverAdapter.getRouter())
app.listen(${boardPort}, '127.0.0.1', () => console.log('ready'))
`,
  )
  const board = spawn(process.execPath, [script], { cwd: tools, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(board)
  await new Promise<void>((resolve, reject) => {
    board.stdout.on('data', (data) => String(data).includes('ready') && resolve())
    board.once('exit', () => reject(new Error('Bull Board ended')))
  })
  return `http://127.0.0.1:${boardPort}/queue/purges?status=waiting`
}

/** Visits a page with an empty cache each time. */
async function visits(
  browser: Browser,
  url: string,
  row: string,
  cookie: string,
): Promise<{ bytes: number[]; rowMs: number[] }> {
  const [bytes, rowMs]: number[][] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    const context = await browser.newContext({ extraHTTPHeaders: cookie === '' ? {} : { cookie } })
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    let sum = 0
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (sum += encodedDataLength))
    const startMs = performance.now()
    await page.goto(url, { waitUntil: 'commit' })
    await page.locator(row).first().waitFor({ state: 'visible' })
    rowMs?.push(performance.now() - startMs)
    await page.waitForLoadState('load')
    // What a page asks for once it stands, as for others ahead, is transferred too; its stream never ends.
    await page.waitForTimeout(500)
    bytes?.push(sum)
    await context.close()
  }
  return { bytes: bytes ?? [], rowMs: rowMs ?? [] }
}

async function lighthouse(tools: string, url: string, cookie: string): Promise<void> {
  const report = path.join(tools, 'report.json')
  const args = [
    path.join(tools, 'node_modules/lighthouse/cli/index.js'),
    ...[
      url,
      '--quiet',
      '--preset=desktop',
      '--no-enable-error-reporting',
      '--output=json',
      `--output-path=${report}`,
    ],
    '--only-categories=performance,accessibility,best-practices',
    `--extra-headers=${JSON.stringify({ Cookie: cookie })}`,
    '--chrome-flags=--headless=new --no-sandbox',
  ]
  const CHROME_PATH = (await findBrowser()) ?? ''
  execFileSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, CHROME_PATH } })
  const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'))
  const page = new URL(url).pathname
  for (const [name, { score, auditRefs }] of Object.entries<{
    score: number
    auditRefs: { id: string; weight: number }[]
  }>(categories)) {
    judge(`Lighthouse, ${page}, ${name}`, score * 100, {
      atLeast: name === 'performance' ? targets.performance : targets.others,
    })
    const short = auditRefs.filter(
      ({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9,
    )
    if (short.length > 0) console.log(`        ${short.map(({ id }) => id).join(', ')}`)
  }
}
