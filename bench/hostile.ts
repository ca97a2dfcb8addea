import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { chromium, type Page } from '@playwright/test'
import { request } from 'undici'
import { findBrowser } from '#lib/fleet/browser.ts'
import { freePort, launch, readSetupLink, stateFolder } from '../e2e/launch.ts'
import { judge, percentile, tell } from './stand/numbers.ts'

// How long a signed-in user waits for a page while somebody else sends what nobody would: in turns with
// nothing else going on. The senders are threads of this process and take their share of both cores.

const turns = 3
const visits = 60
const target = 2

type Attack = { origin: string; path: string; headers: Record<string, string>; body: Buffer; atOnce: number }

if (isMainThread) await main()
else await attack(workerData as Attack)

async function main(): Promise<void> {
  const state = stateFolder('bench-hostile')
  const product = launch({ FRESHET_STATE: state, PORT: String(await freePort()) })
  try {
    const setup = await readSetupLink(product)
    const { origin } = new URL(setup)
    const { cookie, hidden } = await signIn(setup)
    const lines = Array.from({ length: 10_000 }, (_, at) =>
      `https://demo.localhost/${at}/`.padEnd(1_000, 'x'),
    )
    const megabytes = Buffer.alloc(10 * 2 ** 20, 'x')
    const form = { 'content-type': 'multipart/form-data; boundary=part', origin }
    const attacks: Record<string, Omit<Attack, 'origin'> | undefined> = {
      'a stranger’s bodies of 10 MB': { path: '/purge', headers: form, body: megabytes, atOnce: 4 },
      'a stranger’s bodies of 10 MB to the API': {
        path: '/api/tasks',
        headers: form,
        body: megabytes,
        atOnce: 4,
      },
      'a user’s 10,000 lines of 1,000 characters': {
        path: '/purge',
        headers: { ...form, cookie },
        body: multipart({ ...hidden, text: `${lines.join('\n')}\nno URL` }),
        atOnce: 2,
      },
      '200 bodies that never end': undefined,
    }
    for (const [name, one] of Object.entries(attacks)) {
      const quiet: number[] = []
      const beside: number[] = []
      for (let turn = 0; turn < turns; turn += 1) {
        quiet.push(...(await visitAll(origin, cookie)))
        const stop = one ? startThread({ ...one, origin }) : holdOpen(origin)
        beside.push(...(await visitAll(origin, cookie)))
        await stop()
      }
      tell(`quiet, before ${name}`, quiet)
      tell(`beside ${name}`, beside)
      judge(`p50 beside ${name} / quiet`, percentile(beside, 0.5) / percentile(quiet, 0.5), {
        atMost: target,
      })
    }
  } finally {
    product.child.kill('SIGTERM')
    await product.ended
    rmSync(state, { recursive: true, force: true })
  }
}

async function visitAll(origin: string, cookie: string): Promise<number[]> {
  const times: number[] = []
  for (let visit = 0; visit < visits; visit += 1) {
    const startMs = performance.now()
    const { statusCode, body } = await request(`${origin}/records`, { headers: { cookie } })
    await body.dump({ limit: 2 ** 24 })
    if (statusCode !== 200) throw new Error(`the page was answered with ${statusCode}`)
    times.push(performance.now() - startMs)
  }
  return times
}

function startThread(attack: Attack): () => Promise<unknown> {
  const thread = new Worker(new URL(import.meta.url), { workerData: attack })
  return () => thread.terminate()
}

async function attack({ origin, path, headers, body, atOnce }: Attack): Promise<void> {
  const send = async () => {
    for (;;) {
      // A refusal cuts the connection while the body is sent.
      await request(`${origin}${path}`, { method: 'POST', headers, body })
        .then((answer) => answer.body.dump())
        .catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: atOnce }, send))
}

function holdOpen(origin: string): () => Promise<void> {
  const port = Number(new URL(origin).port)
  const head = 'POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf'
  const sockets = Array.from({ length: 200 }, () =>
    connect({ port, host: 'localhost' }).on('error', () => {}),
  )
  for (const socket of sockets) socket.write(head)
  return async () => {
    for (const socket of sockets) socket.destroy()
  }
}

/** Sets the account up, and takes what a form without script sends besides its lines. */
async function signIn(setup: string): Promise<{ cookie: string; hidden: Record<string, string> }> {
  const executablePath = await findBrowser()
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] })
  const page = await browser.newPage()
  await page.goto(setup)
  await page.getByLabel('Account', { exact: true }).fill('Bench')
  await page.getByLabel('Your name for signing in').fill('bench')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.waitForURL('**/purge')
  const cookies = await page.context().cookies()
  const hidden = await hiddenFields(page)
  await browser.close()
  return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '), hidden }
}

async function hiddenFields(page: Page): Promise<Record<string, string>> {
  const plain = await page.context().browser()?.newContext({ javaScriptEnabled: false })
  if (!plain) throw new Error('the browser is gone')
  await plain.addCookies(await page.context().cookies())
  const form = await plain.newPage()
  await form.goto(page.url())
  const fields = await form
    .locator('form:has([name=text]) input[type=hidden]')
    .evaluateAll((inputs) =>
      inputs.map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? '']),
    )
  return Object.fromEntries(fields)
}

function multipart(fields: Record<string, string>): Buffer {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--part\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return Buffer.from(`${parts.join('')}--part--\r\n`)
}
