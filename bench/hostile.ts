import { connect } from 'node:net'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import type { Page } from '@playwright/test'
import { request } from 'undici'
import { judge, percentile, tell } from './stand/numbers.ts'
import { cookiesOf, type Product, signUp, startBrowser, withProduct } from './stand/product.ts'

// How long a signed-in user waits for a page while somebody else sends what nobody would: in turns with
// nothing else going on. The senders are threads of this process and take their share of both cores.

const turns = 3
const visits = 60
const target = 2

type Attack = { origin: string; path: string; headers: Record<string, string>; body: Buffer; atOnce: number }

if (isMainThread) await main()
else await attack(workerData as Attack)

async function main(): Promise<void> {
  await withProduct('hostile', async (product) => {
    const { url: origin } = product
    const { cookie, hidden } = await signIn(product)
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
  })
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
async function signIn(product: Product): Promise<{ cookie: string; hidden: Record<string, string> }> {
  const browser = await startBrowser()
  const page = await browser.newPage()
  await signUp(page, product)
  const signed = { cookie: await cookiesOf(page), hidden: await hiddenFields(page) }
  await browser.close()
  return signed
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
