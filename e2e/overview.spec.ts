import { rmSync } from 'node:fs'
import type { Locator, Page } from '@playwright/test'
import { type Edge, startEdge } from '#lib/edge/server.ts'
import { startTestOrigin, type TestOrigin } from '#lib/fleet/test-origin.ts'
import zhCN from '#messages/zh-CN.json' with { type: 'json' }
import { addCache, addDomain, axe, choose, expect, openPurge, owner, paste, purge, test } from './fixtures.ts'
import { freePort, launch, readSetupLink, stateFolder } from './launch.ts'
import { addUser, followLink } from './people.ts'

// One cache goes through all of it.
test.describe.configure({ mode: 'serial' })

const secret = 'shared-with-the-cache'
const host = 'watched.e2e.test'
let origin: TestOrigin
/** The cache as the last story left it, and where it listens. */
let watched: { edge: Edge; port: number; controlPort: number } | undefined
const closing: (() => Promise<unknown>)[] = []

test.beforeAll(async () => {
  origin = await startTestOrigin()
  closing.push(() => origin.stop())
})
test.afterAll(async () => {
  await watched?.edge.close()
  for (const close of closing.reverse()) await close()
})

function edge(ports: { port: number; controlPort: number }): Promise<Edge> {
  const origins = { [host]: origin.url }
  return startEdge({ name: 'watched', secret, version: 'test', origins, shield: undefined, ...ports })
}

const attention = (page: Page) => page.getByRole('region', { name: /^Needs attention/ })
/** A cache that is down, and not a task that failed on it. */
const down = (alarms: Locator, name: string) =>
  alarms.getByRole('listitem').filter({ has: alarms.page().locator('a[href^="/caches#"]'), hasText: name })
const caches = (page: Page) => page.getByRole('region', { name: 'Caches and how long purges take on them' })
/** What somebody who looks is told within five seconds. */
const soon = { timeout: 5000 }

test('who is on call sees a cache go away, what waits for it, and that it caught up', async ({
  page,
  context,
}) => {
  const first = await edge({ port: 0, controlPort: 0 })
  const [port, controlPort] = [Number(new URL(first.site).port), Number(new URL(first.control).port)]
  await addCache(page, { name: 'lim1', address: first.control, secret })
  await addDomain(page, host, ['lim1'])
  await purge(page, `https://${host}/first`)
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()

  await page.goto('/')
  const row = caches(page).getByRole('row', { name: /^lim1/ })
  const alarm = down(attention(page), 'lim1')
  await expect(row).toContainText('up')
  await expect(row).toContainText(/\d ms/)
  await expect(alarm).toHaveCount(0)

  // Nothing is asked of it: it is noticed all the same.
  await first.close()
  await expect(alarm).toContainText('lim1 has been down since', soon)
  await expect(alarm).toContainText('no connection')
  await expect(alarm).toContainText('Nothing waits for it')
  await expect(row).toContainText('down')
  const other = await context.newPage()
  await purge(other, `https://${host}/a`)
  await purge(other, `https://${host}/b`)
  await expect(alarm).toContainText('2 tasks wait for it and will catch up', soon)
  await expect(row.getByRole('cell').last()).toHaveText('2')
  await expect(page.getByText(/tasks, \d+ failed, \d+ open/)).toBeVisible()
  const tasks = page.getByRole('region', { name: 'Records', exact: true })
  await expect(tasks.getByRole('row', { name: /watched\.e2e\.test\/b/ })).toContainText('1 cache waits')
  await expect(alarm.getByRole('link', { name: 'See cache lim1' })).toHaveAttribute(
    'href',
    /^\/caches#cache-\d+$/,
  )

  const back = await edge({ port, controlPort })
  watched = { edge: back, port, controlPort }
  await expect(alarm).toHaveCount(0, soon)
  await expect(row).toContainText('up')
  await expect(row.getByRole('cell').last()).toHaveText('0')
  await expect(tasks.getByRole('row', { name: /watched\.e2e\.test\/b/ })).toContainText('Complete')
  expect(back.purges.length).toBeGreaterThan(0)
})

test('a task that failed is named with its URL, its cache and the cause', async ({ page }) => {
  await openPurge(page)
  await choose(page, 'Operation', 'Prefetch')
  await paste(page, `https://${host}/nowhere`)
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.waitForURL(/submission=/)
  await page.goto('/')
  const failed = attention(page)
    .getByRole('listitem')
    .filter({ hasText: `${host}/nowhere` })
  await expect(failed).toContainText(`Prefetch of ${host}/nowhere: lim1: the origin answered (HTTP 404)`)
  await failed.getByRole('link', { name: 'See task' }).click()
  await expect(page).toHaveURL(/records\/\d{16}$/)
})

test('the range is in the address, and its links work without script', async ({
  page,
  browser,
  signedIn,
}) => {
  await page.goto('/')
  await expect(page.getByText(/^last 24 hours, until \d\d:\d\d/)).toBeVisible()
  await page.getByRole('link', { name: '7 days' }).click()
  await expect(page).toHaveURL(/\?range=7d$/)
  await expect(page.getByText(/^last 7 days, until/)).toBeVisible()
  await expect(caches(page)).toContainText('p99 by 6 hours (0 to ')
  await page.reload()
  await expect(page.getByRole('link', { name: '7 days' })).toHaveAttribute('aria-current', 'true')
  await page.goto('/?range=never')
  await expect(page.getByText(/^last 24 hours/)).toBeVisible()

  const context = await browser.newContext({ storageState: signedIn, javaScriptEnabled: false })
  const plain = await context.newPage()
  await plain.goto('/')
  await plain.getByRole('link', { name: '1 hour' }).click()
  await expect(plain.getByText(/^last hour, until/)).toBeVisible()
  await expect(plain.getByRole('heading', { name: 'Tasks per 5 minutes' })).toBeVisible()
  await plain.getByRole('link', { name: /^lim1: / }).click()
  await expect(plain.getByRole('region', { name: 'Figures of lim1' })).toBeVisible()
  await context.close()
})

test('every plot has its figures', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: /^lim1: p99 of time to applied from .* to / }).click()
  const figures = page.getByRole('region', { name: 'Figures of lim1' })
  await expect(figures.getByRole('columnheader')).toHaveCount(1 + 49)
  const counts = await figures
    .getByRole('row', { name: /^Purges/ })
    .getByRole('cell')
    .allInnerTexts()
  expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(3)
  await page.getByText('As a table, with lines').click()
  const bars = page.getByRole('region', { name: 'As a table, with lines' })
  await expect(bars.getByRole('row')).toHaveCount(1 + 25)
  await page.getByRole('link', { name: /^lim1: / }).click()
  await expect(figures).toHaveCount(0)
})

test('a request for more is shown to who may decide it, and to nobody else', async ({ page, browser }) => {
  const theirs = await followLink(browser, await addUser(page, 'asks-overview'))
  await theirs.goto('/quotas?ask=tag')
  await theirs.getByLabel('How much a day').fill('5000')
  await theirs.getByLabel('Why').fill('relaunch')
  await theirs.getByRole('button', { name: 'Send the request' }).click()
  await expect(theirs.getByRole('row', { name: /relaunch/ })).toBeVisible()
  await theirs.goto('/')
  await expect(attention(theirs)).toBeVisible()
  await expect(attention(theirs)).not.toContainText('asks-overview')
  await theirs.context().close()

  await page.goto('/')
  const asked = attention(page).getByRole('listitem').filter({ hasText: 'asks-overview' })
  await expect(asked).toContainText('asks-overview asks for 5,000 tags a day, for good.')
  await asked.getByRole('link', { name: 'Decide' }).click()
  await expect(page).toHaveURL(/quotas$/)
  await page
    .getByRole('row', { name: /relaunch/ })
    .getByRole('link', { name: 'Reject' })
    .click()
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  // Other stories ask too, and must not find this one waiting.
  await page.waitForURL(/quotas$/)
  await expect(
    page.getByRole('region', { name: 'Waiting for a decision' }).getByText('asks-overview'),
  ).toHaveCount(0)
})

test('nothing moves while it is read again', async ({ page }) => {
  await page.goto('/')
  await expect(caches(page).getByRole('row', { name: /^lim1/ })).toBeVisible()
  const places = () =>
    page.evaluate(() =>
      // What is folded away has no place yet.
      [...document.querySelectorAll('main *')]
        .filter((one) => one.checkVisibility())
        .map((one) => JSON.stringify(one.getBoundingClientRect())),
    )
  const before = await places()
  for (let reads = 0; reads < 2; reads += 1)
    await page.waitForResponse((response) => response.url().includes('/api/overview'))
  expect(await places()).toEqual(before)
})

for (const { theme, locale, width } of [
  { theme: 'light', locale: 'en', width: 1440 },
  { theme: 'dark', locale: 'zh-CN', width: 390 },
]) {
  test(`axe finds nothing with figures open, ${theme}, ${locale}`, async ({ page, context, baseURL }) => {
    await page.setViewportSize({ width, height: 900 })
    const url = baseURL ?? ''
    await context.addCookies([
      { name: 'theme', value: theme, url },
      { name: 'locale', value: locale, url },
    ])
    await page.goto('/')
    if (locale === 'zh-CN') {
      await expect(page.getByRole('heading', { name: zhCN.overview.title })).toBeVisible()
      await expect(page.getByText(/^最近 24 小时，截至/)).toBeVisible()
    }
    await page.getByRole('link', { name: /^lim1/ }).click()
    await expect(page.getByRole('region', { name: /lim1/ })).toBeVisible()
    expect(await axe(page)).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
  })
}

test('值班人员看到缓存失联、等待中的任务与恢复', async ({ page, context, baseURL }) => {
  if (!watched) throw new Error('the story before has left no cache')
  const { edge: running, ...ports } = watched
  await context.addCookies([{ name: 'locale', value: 'zh-CN', url: baseURL ?? '' }])
  await page.goto('/')
  const t = zhCN.overview
  const alarm = down(page.getByRole('region', { name: new RegExp(`^${t.attention}`) }), 'lim1')
  await expect(
    page.getByRole('region', { name: t.caches }).getByRole('row', { name: /^lim1/ }),
  ).toContainText('正常')
  await expect(alarm).toHaveCount(0)
  await running.close()
  await expect(alarm).toContainText('起故障：', soon)
  const other = await context.newPage()
  await openPurge(other)
  await paste(other, `https://${host}/zh`)
  await other.keyboard.press('ControlOrMeta+Enter')
  await other.waitForURL(/submission=/)
  await expect(alarm).toContainText('1 个任务在等它，恢复后会补上。', soon)
  watched.edge = await edge(ports)
  await expect(alarm).toHaveCount(0, soon)
})

test('who begins sees three steps, and what is done of them', async ({ browser }) => {
  test.setTimeout(60_000)
  const state = stateFolder('empty')
  const product = launch({ FRESHET_STATE: state, PORT: String(await freePort()) }, '--no-demo')
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  try {
    await page.goto(await readSetupLink(product))
    const { origin: home } = new URL(page.url())
    await page.getByLabel('Account', { exact: true }).fill(owner.account)
    await page.getByLabel('Your name for signing in').fill(owner.name)
    await page.getByLabel('Password').fill(owner.password)
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.waitForURL('**/purge')
    await page.goto(home)
    const steps = page.getByRole('listitem')
    await expect(steps).toHaveText([/Add a cache/, /Add a domain/, /Paste URLs/])
    await expect(page.getByText('Done.')).toHaveCount(0)
    expect(await axe(page)).toEqual([])
    await page.getByRole('link', { name: 'Add a cache' }).click()
    const address = (await edge({ port: 0, controlPort: 0 }).then((made) => {
      closing.push(() => made.close())
      return made.control
    })) as string
    await page.getByLabel('Name').fill('first')
    await page.getByLabel('Address').fill(address)
    await page.getByLabel('Secret').fill(secret)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(/caches$/)
    await page.goto(home)
    await expect(steps.first()).toContainText('Done.')
    await expect(page.getByRole('link', { name: 'Add a domain' })).toBeVisible()
    await expect(caches(page).getByRole('row', { name: /^first/ })).toContainText('up')
  } finally {
    await context.close()
    product.child.kill('SIGTERM')
    await product.ended
    rmSync(state, { recursive: true, force: true })
  }
})
