import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import pg from 'pg'
import { axe, expect, test } from './fixtures.ts'
import { freePort, launch, readSetupLink, stateFolder } from './launch.ts'
import { addUser, followLink, hold, rowOf } from './people.ts'
import type { Product } from './product.ts'

const rows = (page: Page) => page.getByRole('region', { name: 'Audit' }).locator('tr[data-row]')

async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Search the audit log' }).fill(text)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.searchParams.get('q') === text)
}

/** Runs `freshet audit verify` beside the running product. */
function verify({ state }: Product, ...args: string[]): Promise<{ code: number; output: string }> {
  const file = path.resolve(import.meta.dirname, '../bin/freshet.mjs')
  const env = { ...process.env, DATABASE_URL: '', FRESHET_STATE: state }
  return new Promise((resolve) =>
    execFile(process.execPath, [file, 'audit', 'verify', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    ),
  )
}

/** The address of the database for its owner. */
function ownerUrl({ state }: Product): string {
  const file = (name: string) => readFileSync(path.join(state, 'postgres', name), 'utf8')
  const port = file('data/postmaster.pid').split('\n')[3]
  return `postgresql://freshet:${file('password').trim()}@127.0.0.1:${port}/freshet`
}

/** Works in the database as whoever owns it. */
async function asOwner<Answer>(
  product: Product,
  work: (client: pg.Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client(ownerUrl(product))
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

test('a change and a refusal are there, with what was before and why', async ({ page, browser }) => {
  await page.goto('/caches')
  await rowOf(page, 'Demo POP west').getByRole('link', { name: 'Change' }).click()
  const pop = page.getByLabel('POP')
  const before = await pop.inputValue()
  await pop.fill('Somewhere else')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page).toHaveURL(/caches$/)

  const theirs = await followLink(browser, await addUser(page, 'auditee'))
  // Without script a page learns what was taken away when it submits.
  const storageState = await theirs.context().storageState()
  const plain = await (await browser.newContext({ storageState, javaScriptEnabled: false })).newPage()
  await plain.goto('/purge')
  await plain.getByRole('textbox').first().fill('https://demo.localhost/refused')
  await hold(page, 'auditee', ['Read only'])
  await plain
    .getByRole('button', { name: /^Purge/ })
    .first()
    .click()
  await expect(plain.getByText('You may not do this: dcdn:RefreshDcdnObjectCaches')).toBeVisible()
  await plain.context().close()

  await page.getByRole('link', { name: 'Audit' }).first().click()
  await search(page, 'actor:auditee outcome:refused')
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page)).toContainText('Purge')
  await expect(rows(page)).toContainText('domain/demo.localhost')
  await rows(page).getByRole('link').click()
  const details = page.locator('tr[id^="entry-"]')
  await expect(details).toContainText('no statement allows it')
  await expect(details).toContainText('FreshetReadOnlyAccess')
  await expect(details).toContainText('127.0.0.1')
  await expect(details).toContainText(/sealed as number [\d,]+\s*[0-9a-f]{64}/)
  expect(await axe(page)).toEqual([])

  await search(page, 'action:freshet:SaveCache resource:"cache/Demo POP west"')
  await rows(page).first().getByRole('link').click()
  const diff = details.getByRole('row').filter({ hasText: 'pop' })
  await expect(diff).toContainText(before)
  await expect(diff).toContainText('Somewhere else')
  await expect(details).toContainText('Session')
  // The address leads to the same entry.
  await page.reload()
  await expect(diff).toContainText('Somewhere else')

  await search(page, 'actor:auditee')
  await expect(rows(page).filter({ hasText: 'Choose a password' })).toHaveCount(1)
  await expect(rows(page).filter({ hasText: 'Sign in' })).toHaveCount(1)
  await theirs.goto('/audit')
  await expect(theirs.getByText('You may not see the audit log of this account.')).toBeVisible()
  expect((await theirs.request.get('/api/audit?format=csv')).status()).toBe(403)
  await theirs.context().close()
})

test('what is found is exported, and the export stands there too', async ({ page }) => {
  await page.goto('/audit?q=action:freshet:SetUp')
  const download = page.waitForEvent('download')
  await page.getByText('Export', { exact: true }).click()
  await page.getByRole('link', { name: 'CSV, for spreadsheets' }).click()
  const table = (await readFile(await (await download).path(), 'utf8')).trim().split('\r\n')
  expect(table).toHaveLength(2)
  expect(table[0]).toContain('id,at,actor,user_id,action,resources,outcome,address')
  expect(table[1]).toContain(',editor,1,freshet:SetUp,*,done,127.0.0.1,console,')
  const lines = await page.request.get('/api/audit?format=ndjson&q=action:freshet:ExportAudit')
  const [latest] = (await lines.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(latest).toMatchObject({ actor: 'editor', outcome: 'done', after: null })
  expect((await page.request.get('/api/audit?format=csv&q=who:me')).status()).toBe(400)
})

test('an edit past the triggers is named by “freshet audit verify”', async ({ product, signedIn: _ }) => {
  const whole = await verify(product)
  expect(whole).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^account 1: [\d]+ rows.*, head \d+:[0-9a-f]{64}$/m),
  })
  const head = whole.output.match(/\d+:[0-9a-f]{64}/)?.[0] ?? ''
  expect(await verify(product, '--expect', head)).toMatchObject({ code: 0 })
  const other = head.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
  expect(await verify(product, '--expect', other)).toMatchObject({
    code: 1,
    output: expect.stringContaining('no account has the head'),
  })

  const set = (client: pg.Client, actor: string) =>
    client.query(`begin; alter table audit disable trigger all; update audit set actor = '${actor}' where id = 1;
      alter table audit enable trigger all; commit`)
  await asOwner(product, async (client) => {
    await expect(client.query(`update audit set actor = 'nobody'`)).rejects.toThrow('only added to')
    const { rows } = await client.query(
      `select distinct usename from pg_stat_activity where datname = 'freshet'`,
    )
    expect(rows.map((row) => row.usename)).toContain('freshet_console')
    await set(client, 'nobody')
  })
  expect(await verify(product)).toMatchObject({
    code: 1,
    output: expect.stringContaining('account 1: row 1 (number 1 of the chain) was changed'),
  })
  await asOwner(product, (client) => set(client, 'editor'))
  expect(await verify(product)).toMatchObject({ code: 0 })
})

test('in a database of others the start says that only a trigger guards the log', async ({
  product,
  signedIn: _,
}) => {
  const url = new URL(ownerUrl(product))
  url.pathname = '/outside'
  const state = stateFolder('outside')
  const started = launch(
    { FRESHET_STATE: state, PORT: String(await freePort()), DATABASE_URL: url.href },
    '--no-demo',
  )
  await readSetupLink(started)
  expect(started.output()).toMatch(/^The audit log is guarded by a trigger only, for .+\.$/m)
  started.child.kill('SIGTERM')
  await started.ended
  rmSync(state, { recursive: true, force: true })
})

test('a search is completed by keyboard, and says what it cannot read', async ({ page }) => {
  await page.goto('/audit')
  await expect(rows(page).first()).toBeVisible()
  const box = page.getByRole('combobox', { name: 'Search the audit log' })
  // Keys are heard once the page's script has taken it over.
  await expect(async () => {
    await page.keyboard.press('/')
    await expect(box).toBeFocused({ timeout: 500 })
  }).toPass()
  await page.keyboard.type('out')
  await page.keyboard.press('ArrowDown')
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Enter')
  await expect(box).toHaveValue('outcome:')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(box).toHaveValue('outcome:done ')
  await page.keyboard.type('who:me')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=outcome/)
  await expect(page.getByRole('alert').filter({ hasText: 'who:me' })).toContainText('there is no such key')
  await expect(rows(page).first()).toBeVisible()
  expect(await axe(page)).toEqual([])
  await page.goto('/audit?q=actor:nobody-of-this-name')
  await expect(page.getByText('No entry fits')).toBeVisible()
  await page.getByRole('link', { name: 'Clear' }).click()
  await page.waitForURL(/audit$/)
  // Rows by keyboard.
  await expect(rows(page).first()).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page.locator('tr[id^="entry-"]')).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('audit')
  await expect(page.getByRole('option', { name: 'Audit', exact: true })).toBeVisible()
})

test('older entries come page by page, and a page that fails says so', async ({ page, complaints }) => {
  for (let at = 0; at < 60; at += 1) await page.request.get('/api/audit?format=ndjson&q=actor:nobody')
  await page.goto('/audit')
  await expect(rows(page)).toHaveCount(50)
  await page.route('**/api/audit?*', (route) => route.fulfill({ status: 500 }))
  await page.getByRole('link', { name: 'Older' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'could not be read' })).toBeVisible()
  await page.unroute('**/api/audit?*')
  await page.getByRole('link', { name: 'Older' }).click()
  await expect.poll(() => rows(page).count()).toBeGreaterThan(55)
  complaints.length = 0
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('the search is a form, and a row leads to its entry', async ({ page }) => {
    await page.goto('/audit')
    await page.getByRole('combobox', { name: 'Search the audit log' }).fill('action:freshet:SetUp')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await expect(rows(page)).toHaveCount(1)
    await rows(page).getByRole('link').click()
    await page.waitForURL(/entry=\d+/)
    await expect(page.locator('tr[id^="entry-"]')).toContainText('Example Media')
    await page.goto('/audit?q=actor:nobody&entry=1')
    await expect(page.getByRole('region', { name: 'Entry 1' })).toContainText('freshet:SetUp')
  })
})

test.describe('in Chinese', () => {
  test('审阅者查到是谁修改了限额', async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: 'locale', value: 'zh-CN', url: baseURL ?? '' }])
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto('/audit?q=action:freshet:SaveLimits')
    await page.getByRole('link', { name: '保存限额' }).first().click()
    await expect(page.getByRole('cell', { name: 'perDay.url', exact: true })).toBeVisible()
    await expect(page.getByText('未记录语句；所有者、系统和登录不需要')).toBeVisible()
    expect(await axe(page)).toEqual([])
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0)
  })
})
