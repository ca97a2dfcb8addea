import { readFileSync } from 'node:fs'
import { request as ask, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import type { Page } from '@playwright/test'
import pg from 'pg'
import { startPostgres } from '#lib/fleet/postgres.ts'
import { expect, openPurge, owner, paste, test } from './fixtures.ts'
import type { Product } from './product.ts'

let product: Product
/** What the last of many clients is told that begin and then send nothing more. */
let slowest: Promise<string>
const megabyte = 2 ** 20

type Answer = { status: number; text: string }
type Fields = Record<string, string | Buffer>

/** Posts as a program would that does not stop when it is answered early. */
async function post(url: string, headers: Record<string, string>, body: Readable): Promise<Answer> {
  const { url: origin } = product
  const message = ask(new URL(url, origin), { method: 'POST', headers: { origin, ...headers } })
  body.on('error', () => {}).pipe(message)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    message.once('response', resolve).on('error', reject)
  })
  const text = await textOf(response)
  message.destroy()
  return { status: response.statusCode ?? 0, text }
}

/** Submits the form around a field as a browser without script would, with these values besides its own. */
async function submit(page: Page, url: string, field: string, values: Fields, headers = {}): Promise<Answer> {
  await page.goto(url)
  const hidden = await page
    .locator(`form:has([name=${field}]) input[type=hidden]`)
    .evaluateAll((inputs) =>
      inputs.map((input) => [input.getAttribute('name'), input.getAttribute('value') ?? '']),
    )
  const { type, body } = multipart({ ...Object.fromEntries(hidden), ...values })
  const cookies = await page.context().cookies()
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const sent = { 'content-type': type, 'content-length': String(body.length), cookie, ...headers }
  return post(url, sent, Readable.from([body]))
}

function multipart(fields: Fields) {
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    `--part\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n`,
    value,
    '\r\n',
  ])
  const body = Buffer.concat([...parts, '--part--\r\n'].map((part) => Buffer.from(part)))
  return { type: 'multipart/form-data; boundary=part', body }
}

function lines(count: number, length: number): string {
  const line = (at: number) => `https://demo.localhost/${at}/`.padEnd(length, 'x')
  return Array.from({ length: count }, (_, at) => line(at)).join('\n')
}

/** A page says it in its alert, the door in plain text. */
const sentence = /(role="alert"[^>]*>(<[^>]+>)*|^)[A-Z0-9][^<]{20,}[.。]/

/** All that a connection answers to these bytes, until it ends. */
function raw(bytes: string): Promise<string> {
  const socket = connect({ port: Number(new URL(product.url).port), host: 'localhost' })
  socket.write(bytes)
  return textOf(socket)
}

test.beforeAll(({ product: started }) => {
  product = started
  const half = 'POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf'
  for (let client = 0; client < 200; client += 1) void raw(half)
  slowest = raw('GET / HTTP/1.1\r\n')
})

test.afterEach(async ({ request }) => {
  expect(await (await request.get('/api/health')).json()).toEqual({ ok: true })
})

test.describe('lines that nobody would write', () => {
  test.use({ javaScriptEnabled: false })
  test.setTimeout(60_000)

  for (const [name, text, status] of [
    ['10,000 of 8 KB', lines(10_000, 8192), 413],
    ['1,400 of 8 KB', lines(1_400, 8192), 200],
    ['a million empty ones', '\n'.repeat(1_000_000), 200],
    ['a NUL', 'https://demo.localhost/\0', 200],
    ['half a character', Buffer.from('https://demo.localhost/\xED\xA0\x80', 'latin1'), 200],
    ['100,000 steps up', `https://demo.localhost/${'../'.repeat(100_000)}`, 200],
    ['hosts in other scripts', 'https://bücher.demo.localhost/\nhttps://例え.テスト/', 200],
    ['a name and a password', 'http://user:pass@demo.localhost/', 200],
  ] as const) {
    test(name, async ({ page }) => {
      const answer = await submit(page, '/purge', 'text', { text })
      expect(answer.status).toBe(status)
      expect(answer.text).toMatch(sentence)
    })
  }
})

test('a gigabyte without a length is refused on its way', async ({ page }) => {
  const cookies = await page.context().cookies()
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  let sent = 0
  const gigabyte = async function* () {
    for (; sent < 1024; sent += 1) yield Buffer.alloc(megabyte)
  }
  for (const [headers, status] of [
    [{ cookie }, 413] as const,
    [{ cookie: 'authjs.session-token=x' }, 401] as const,
  ]) {
    sent = 0
    const answer = await post('/purge', headers, Readable.from(gigabyte()))
    expect(answer.status).toBe(status)
    expect(answer.text).toMatch(sentence)
    expect(sent).toBeLessThan(100)
  }
})

test('10,000 lines of 1,000 characters arrive whole', async ({ page }) => {
  test.setTimeout(90_000)
  await openPurge(page)
  await paste(page, lines(10_000, 1_000))
  await expect(page.locator('#purge-strip')).toContainText('10,000 ready', { timeout: 30_000 })
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByRole('heading', { name: 'Purge of 10,000 URLs' })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText('Complete', { exact: true })).toBeVisible({ timeout: 30_000 })
  await page.getByRole('searchbox', { name: 'Find in lines' }).fill('/9999/')
  await expect(page.getByText(lines(10_000, 1_000).slice(-1_000))).toBeVisible()
})

test('a form that cannot be sent says why and keeps what was written', async ({ page, context }) => {
  await page.goto('/domains?list=1')
  const box = page.getByLabel('Domains, one a line')
  const save = page.getByRole('button', { name: 'Add these domains' })
  const write = (length: number) =>
    box.evaluate((area: HTMLTextAreaElement, value) => (area.value = value), 'x'.repeat(length))
  await write(13 * megabyte)
  await save.click()
  await expect(page.getByText('more than the 12 MB that one submission takes')).toBeVisible()
  await write(megabyte)
  await context.clearCookies()
  await save.click()
  await expect(page.getByText('Your session has ended')).toBeVisible()
  expect(await box.evaluate((area: HTMLTextAreaElement) => area.value.length)).toBe(megabyte)
})

test.describe('a stranger', () => {
  test.use({ javaScriptEnabled: false, storageState: { cookies: [], origins: [] } })

  test('signs in under the address of his socket, whatever he writes', async ({ page }) => {
    const forged = {
      'x-forwarded-for': '6.6.6.6',
      'x-freshet-address': '6.6.6.6',
      'x-forwarded-proto': 'https',
    }
    const { name, password } = owner
    const answer = await submit(page, '/sign-in', 'password', { name, password }, forged)
    expect(answer.status).toBe(303)
    const { url } = await startPostgres({ folder: path.join(product.state, 'postgres') })
    const database = new pg.Client({ connectionString: url })
    await database.connect()
    const { rows } = await database.query('select address from session order by expires_at desc limit 1')
    await database.end()
    expect(['127.0.0.1', '::1']).toContain(rows[0].address)
  })
})

test('what is no HTTP, or comes too slowly, is answered in a sentence, and no error leaves a trace of our code', async () => {
  expect(await slowest).toMatch(/^HTTP\/1.1 408 [^]+\.\n$/)
  expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
  expect(await raw(`GET / HTTP/1.1\r\nX: ${'x'.repeat(300_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
  const log = readFileSync(path.join(product.state, 'logs/console.log'), 'utf8')
  expect(log).not.toMatch(/^\s+at .*(?:door|body)\.ts/m)
})
