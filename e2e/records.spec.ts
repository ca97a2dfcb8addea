import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { axe, choose, expect, openPurge, paste, purge, test } from './fixtures.ts'

const rows = (page: Page) => page.getByRole('region', { name: 'Records' }).locator('tbody tr')

async function prefetch(page: Page, note: string, ...urls: string[]): Promise<void> {
  await openPurge(page)
  await choose(page, 'Operation', 'Prefetch')
  await paste(page, urls.join('\n'))
  await page.getByLabel('Note').fill(note)
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.waitForURL(/submission=/)
  await expect(page.getByText(/Partly failed|Failed/)).toBeVisible()
}

test('a reviewer finds a failed prefetch by a part of its URL, sees why, retries it, and exports the day', async ({
  page,
}) => {
  await prefetch(
    page,
    'REVIEW-1',
    'https://demo.localhost/about.html',
    'https://demo.localhost/review/not-there.dmg',
  )
  await page.goto('/records')
  await page.getByLabel('URL contains').fill('not-there.dmg')
  await page.keyboard.press('Enter')
  await page.waitForURL(/url=not-there\.dmg/)
  await page.getByLabel('Status').selectOption('unsuccessful')
  await page.waitForURL(/status=unsuccessful/)
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page)).toContainText('1 of 2 lines')
  // The address is the view: whoever opens it sees the same.
  await page.reload()
  await expect(page.getByLabel('Status')).toHaveValue('unsuccessful')

  await rows(page).getByRole('link').click()
  const panel = page.getByRole('complementary', { name: 'The chosen record' })
  await expect(panel).toContainText('1 of 2 lines on 0 of 3 caches')
  await expect(panel).toContainText('the origin answered (HTTP 404)')
  await expect(panel).toContainText('Look at the origin, then retry')
  await expect(panel).toContainText('from 127.0.0.1')
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await expect(rows(page).getByRole('link')).toBeFocused()

  const day = page.waitForEvent('download')
  await page.getByText('Export', { exact: true }).click()
  await page.getByRole('link', { name: 'CSV, for spreadsheets' }).click()
  const file = await (await day).path()
  const table = (await readFile(file, 'utf8')).split('\r\n')
  expect(table[0]).toContain('task,submission,submitted_at,operation,method,mode,domain,line,status')
  // The filter speaks of lines: only those that contain the text are exported.
  expect(table.filter((row) => row.includes('REVIEW-1'))).toHaveLength(1)
  expect(table[1]).toMatch(/not-there\.dmg,failed,.*origin-status \(HTTP 404\)/)
  await expect(page.getByText('1 line exported')).toBeVisible()

  await rows(page).getByRole('link').click()
  await panel.getByRole('button', { name: 'Retry failed (1)' }).click()
  await page.waitForURL(/submission=/)
  await expect(page.getByRole('heading', { name: 'Prefetch of 1 URL' })).toBeVisible()
  await page.goto('/records?note=REVIEW-1')
  await expect(rows(page)).toHaveCount(2)
})

test('an export as NDJSON holds every line, and a formula is none', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/export/1\nhttps://demo.localhost/export/2')
  await page.getByLabel('Note').fill('=1+1')
  await page.getByRole('button', { name: /^Purge 2/ }).click()
  await page.waitForURL(/submission=/)
  const lines = await page.request.get('/api/export?format=ndjson&url=export/')
  const read = (await lines.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(read.map((line) => [line.line, line.note])).toEqual([
    ['https://demo.localhost/export/1', '=1+1'],
    ['https://demo.localhost/export/2', '=1+1'],
  ])
  const csv = await (await page.request.get('/api/export?url=export/')).text()
  expect(csv).toContain(",'=1+1\r\n")
  expect((await page.request.get('/api/export?status=nonsense')).status()).toBe(400)
})

test('a view is saved, stands there for everybody, and is removed', async ({ page }) => {
  await page.goto('/records?domain=demo.localhost&mode=hard')
  await page.locator('summary').getByText('Save this view').click()
  await page.getByLabel('Name of the view').fill('Hard on the demo')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Hard on the demo' })).toHaveAttribute('aria-current', 'page')
  await page.goto('/records')
  await page.getByRole('link', { name: 'Hard on the demo' }).click()
  await expect(page.getByLabel('Domain')).toHaveValue('demo.localhost')
  await page.getByRole('button', { name: 'Remove the view Hard on the demo' }).click()
  await expect(page.getByRole('link', { name: 'Hard on the demo' })).toBeHidden()
})

test('nothing fits: the page says which filter to drop, and what a short text needs', async ({ page }) => {
  await page.goto('/records?method=tag&status=failed&note=nobody-wrote-this')
  await expect(page.getByText('No record fits')).toBeVisible()
  await page.getByRole('link', { name: 'Clear' }).click()
  await page.waitForURL(/records$/)
  await page.goto('/records?url=ab')
  await expect(
    page.getByText('Write at least 3 characters, or choose a time of a day at most.'),
  ).toBeVisible()
  await page.getByLabel('Time').selectOption('24h')
  await page.waitForURL(/range=24h/)
  await expect(page.getByText('Write at least 3 characters')).toBeHidden()
  await page.goto('/records?status=nonsense')
  await expect(page.getByText('no filter value: Status')).toBeVisible()
})

test('new records wait behind a button that tells how many fit', async ({ page, context }) => {
  await page.goto('/records?domain=demo.localhost')
  const first = await rows(page).first().innerText()
  const other = await context.newPage()
  await purge(other, 'https://demo.localhost/new/1')
  await expect(page.getByRole('button', { name: '1 new, show' })).toBeVisible()
  expect(await rows(page).first().innerText()).toBe(first)
  await page.getByRole('button', { name: '1 new, show' }).click()
  await expect(rows(page).first()).toContainText('/new/1')
  await expect(page.getByRole('button', { name: /new, show/ })).toBeHidden()
})

test('a line has its history', async ({ page }) => {
  const url = 'https://demo.localhost/history/page.html'
  await purge(page, url)
  await openPurge(page)
  await choose(page, 'Method', 'Directory')
  await paste(page, 'https://demo.localhost/history/')
  await page.getByRole('button', { name: /^Purge 1/ }).click()
  await page.waitForURL(/submission=/)
  await page.goto('/records?url=history/page.html')
  await rows(page).first().getByRole('link').click()
  await page.getByRole('link', { name: url, exact: true }).click()
  await page.waitForURL(/records\/line/)
  const events = page.getByRole('region', { name: 'History of a URL' }).locator('tbody tr')
  // Purges of other tests may have reached it before.
  await expect(events.nth(0)).toContainText('Directory, soft')
  await expect(events.nth(1)).toContainText('URL, hard')
  expect(await axe(page)).toEqual([])
})

test('records are kept as long as the account says', async ({ page }) => {
  await page.goto('/records?retention=1')
  await page.getByLabel('Days').fill('30')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Records are kept for 30 days.')).toBeVisible()
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('filters are a form, and rows are links', async ({ page }) => {
    await page.goto('/records')
    await page.getByLabel('Domain').selectOption('demo.localhost')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.waitForURL(/domain=demo\.localhost/)
    await rows(page).first().getByRole('link').click()
    await page.waitForURL(/records\/20\d{14}|submission=/)
  })
})

test.describe('in Chinese', () => {
  test('审阅者按 URL 片段找到失败的预热并重试', async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: 'locale', value: 'zh-CN', url: baseURL ?? '' }])
    // By keyboard alone.
    await page.goto('/records')
    await expect(page.getByRole('button', { name: /搜索或粘贴/ })).toBeVisible()
    // Keys are heard once the page's script has taken it over.
    await expect(async () => {
      await page.keyboard.press('/')
      await expect(page.getByLabel('URL 包含')).toBeFocused({ timeout: 1_000 })
    }).toPass()
    await page.keyboard.type('not-there.dmg')
    await page.keyboard.press('Tab')
    await page.waitForURL(/url=not-there\.dmg/)
    await page.keyboard.press('Tab')
    await expect(page.getByLabel('状态')).toBeFocused()
    await page.keyboard.press('End')
    await page.waitForURL(/status=unsuccessful/)
    const row = page.locator('tbody tr').first().getByRole('link')
    for (let tabs = 0; tabs < 20 && !(await row.evaluate((one) => one === document.activeElement)); tabs += 1)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary', { name: '所选记录' })
    await expect(panel).toContainText('请检查源站后重试')
    await page.keyboard.press('r')
    await page.waitForURL(/submission=/)
    await expect(page.getByText(/失败/).first()).toBeVisible()
  })
})
