import type { Page } from '@playwright/test'
import { request } from 'undici'
import { startVarnish, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { startTestOrigin } from '#lib/fleet/test-origin.ts'
import { addCache, addDomain, choose, expect, openPurge, paste, test } from './fixtures.ts'

const form = (page: Page) => page.locator('form').filter({ has: page.locator('.cm-content') })
const submit = (page: Page) => form(page).locator('button[type=submit]').filter({ hasText: /Ctrl/ })

async function submitted(page: Page): Promise<void> {
  await submit(page).click()
  await page.waitForURL(/submission=/)
}

/** Asks a POP of the demo as a visitor does, and gives what it says about its cache. */
async function visitor(page: Page): Promise<(path: string) => Promise<string>> {
  await openPurge(page)
  const site = await page.getByRole('link', { name: 'Open the demo site through a POP' }).getAttribute('href')
  const { host, port } = new URL(site ?? '')
  return async (path) => {
    const answer = await request(`http://127.0.0.1:${port}${path}`, { headers: { host } })
    await answer.body.dump()
    return String(answer.headers['cache-status'])
  }
}

test('each method names what it does, with its own default, and Records keep it', async ({ page }) => {
  const methods = [
    ['Directory', 'https://demo.localhost/catalogue/', 'Soft', 'Purge 1 directory', 'Directory, soft'],
    [
      'Regular expression',
      'https://demo.localhost/[a-z][a-z].*.css',
      'Soft',
      'Purge 1 pattern',
      'Regular expression, soft',
    ],
    [
      'Ignore parameters',
      'https://demo.localhost/about.html?a=1',
      'Soft',
      'Purge 1 URL, all parameters',
      'Ignore parameters, soft',
    ],
    ['Tag', 'kettles', 'Soft', 'Purge 1 tag', 'Tag, soft'],
    ['URL', 'https://demo.localhost/about.html', 'Hard', 'Purge 1 URL', 'URL, hard'],
  ] as const
  for (const [method, line, mode, words, record] of methods) {
    await openPurge(page)
    await choose(page, 'Method', method)
    await expect(page.getByRole('group', { name: 'Hard or soft' }).getByLabel(mode)).toBeChecked()
    if (method === 'Tag') await page.getByLabel('Tags of the domain').fill('demo.localhost')
    await paste(page, line)
    await expect(submit(page)).toContainText(words)
    await submitted(page)
    await expect(page.getByText('Complete', { exact: true })).toBeVisible()
    await page.goto('/records')
    await expect(page.getByRole('row').nth(1)).toContainText(record)
  }
})

test('a URL that ends with a slash begins narrow, and everything under it is one click', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/catalogue/\nhttps://demo.localhost/about.html')
  await expect(page.locator('.cm-why')).toHaveText(/Ends with \/\. Purging only this page\./)
  await expect(submit(page)).toContainText('Purge 2 URLs')
  await page.getByRole('button', { name: 'Purge everything under it' }).click()
  await expect(page.locator('.cm-content')).toContainText('https://demo.localhost/catalogue/*')
  await expect(submit(page)).toContainText('Purge 1 URL and 1 directory')
  await submitted(page)
  await expect(page.getByRole('heading', { name: 'Purge of 2 lines' })).toBeVisible()
  await expect(page.getByText('Complete', { exact: true })).toHaveCount(2)
})

test('a whole host wants its name typed, and says what the origin will feel', async ({ page }) => {
  await openPurge(page)
  await choose(page, 'Method', 'Directory')
  await paste(page, 'https://demo.localhost/')
  await expect(page.getByText('This reaches a whole host')).toBeVisible()
  await expect(submit(page)).toBeDisabled()
  await page.getByLabel(/Type the host’s name to confirm/).fill('demo.example')
  await expect(submit(page)).toBeDisabled()
  await page.getByLabel(/Type the host’s name to confirm/).fill('demo.localhost')
  await submitted(page)
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()
})

test('what a pattern would reach is shown before it is submitted', async ({ page }) => {
  const ask = await visitor(page)
  await ask('/assets/site.css')
  await choose(page, 'Method', 'Regular expression')
  await paste(page, 'https://demo.localhost/assets/.*')
  const known = page.getByRole('region', { name: 'What is known of demo.localhost' })
  await expect(known).toContainText('https://demo.localhost/assets/site.css')
  await expect(known).toContainText('by 3 caches that can tell')
  await paste(page, 'https://demo.localhost/[A-Z].*')
  await expect(page.locator('.cm-why')).toHaveText(/“\[A-Z\]” has no meaning in a pattern/)
})

test('a Varnish says before that it only knows a hard way, and the record says it after', async ({
  page,
}) => {
  test.skip(!varnishAvailable(), 'varnishd with varnish-modules is missing')
  const secret = 'shared-with-the-cache'
  const origin = await startTestOrigin()
  const varnish = await startVarnish({ origin: origin.url, secret })
  await addCache(page, { name: 'regex-varnish', kind: 'varnish', address: varnish.address, secret })
  await addDomain(page, 'regex.e2e.test', ['regex-varnish'])
  await openPurge(page)
  await choose(page, 'Method', 'Regular expression')
  await paste(page, 'https://regex.e2e.test/img/.*')
  const plan = page.getByRole('region', { name: 'What will happen on each cache' })
  await expect(plan.getByRole('row', { name: /regex-varnish/ })).toContainText('hard only')
  await expect(page.getByText('regex-varnish cannot tell.')).toBeVisible()
  await submitted(page)
  await expect(page.getByText('Removed hard, it knows no other way')).toBeVisible()
  await varnish.stop()
  await origin.stop()
})

test('files are prefetched, and the next visitor hits', async ({ page }) => {
  const ask = await visitor(page)
  await choose(page, 'Method', 'URL')
  await paste(page, 'https://demo.localhost/downloads/catalogue.bin')
  await submitted(page)
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()
  await openPurge(page)
  await choose(page, 'Operation', 'Prefetch')
  await paste(
    page,
    'https://demo.localhost/downloads/catalogue.bin\nhttps://demo.localhost/catalogue/\nhttps://demo.localhost/not-there',
  )
  await expect(page.locator('.cm-why')).toHaveText(/a prefetch needs a file/)
  await expect(submit(page)).toContainText('Prefetch 2 URLs, keep 1 here')
  await submitted(page)
  await expect(page.getByText('Partly failed', { exact: true })).toBeVisible()
  await expect(page.getByText('63 MB', { exact: true })).toBeVisible()
  await expect(page.getByRole('row', { name: /not-there/ })).toContainText('the origin answered (HTTP 404)')
  expect(await ask('/downloads/catalogue.bin')).toMatch(/; hit/)
})

test('a prefetch takes headers, a sitemap and the lines of a past task', async ({ page }) => {
  await openPurge(page)
  await choose(page, 'Operation', 'Prefetch')
  await page.getByText('Request headers').click()
  const headers = page.getByRole('textbox', { name: /Name: value, one a line/ })
  await headers.fill('Accept-Language: de\n\nHost: elsewhere')
  await expect(page.getByText('Line 3: “Host”.')).toBeVisible()
  await headers.fill('Accept-Language: de\n\nAccept-Language: fr')
  await expect(page.getByText('2 variants of each URL')).toBeVisible()
  await page.getByText('From a sitemap').click()
  await page.getByLabel(/Its address on one of your domains/).fill('https://nobody.test/sitemap.xml')
  await page.getByRole('button', { name: 'Read it' }).click()
  await expect(page.getByText('is not an address on one of your domains')).toBeVisible()
  await page.getByLabel(/Its address on one of your domains/).fill('https://demo.localhost/sitemap.xml')
  await page.getByLabel('Only what changed since').fill('2026-01-01')
  await page.getByRole('button', { name: 'Read it' }).click()
  await expect(page.getByText('8 URLs of 8 in the sitemap.')).toBeVisible()
  await expect(submit(page)).toContainText('Prefetch 8 URLs')
  await submitted(page)
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()
  await page.goto('/records')
  await page.getByRole('row').nth(1).getByRole('link').click()
  await page.getByRole('link', { name: 'Run again' }).click()
  await expect(submit(page)).toContainText('Prefetch 8 URLs')
})

test('purge, then prefetch is one submission', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/images/kettles/copper.svg')
  await page.getByLabel('then prefetch').check()
  await submitted(page)
  await expect(page.getByRole('heading', { name: 'Purge of 1 line, then prefetch of 1 URL' })).toBeVisible()
  await expect(page.getByText('Complete', { exact: true })).toHaveCount(2)
})

test('what a spreadsheet or a file holds becomes lines', async ({ page }) => {
  await openPurge(page)
  await paste(
    page,
    'Home\thttps://demo.localhost/1\t12\nhttps://demo.localhost/2, https://demo.localhost/3,\r\n"https://demo.localhost/4"',
  )
  await expect(page.locator('#purge-strip')).toContainText('4 ready')
  await page.getByLabel('Add a .txt or .csv file').setInputFiles({
    name: 'urls.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('page,url\n"a, b",https://demo.localhost/5\nc,https://demo.localhost/6\n'),
  })
  await expect(page.locator('#purge-strip')).toContainText('6 ready')
  await expect(page.locator('#purge-strip')).not.toContainText('attention')
  await paste(page, '')
})

test('the line beyond the limit is marked and stays in the box', async ({ page }) => {
  await openPurge(page)
  await choose(page, 'Operation', 'Prefetch')
  await paste(
    page,
    Array.from({ length: 102 }, (_, at) => `https://demo.localhost/images/${at}.svg`).join('\n'),
  )
  await expect(submit(page)).toContainText('Prefetch 100 URLs, keep 2 here')
  await page.keyboard.press('F8')
  await expect(page.locator('.cm-why').first()).toContainText('One submission takes 100 of these.')
  await choose(page, 'Operation', 'Purge')
  await expect(submit(page)).toContainText('Purge 102 URLs')
  await paste(page, '')
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('the operation that is marked is the one that happens', async ({ page }) => {
    await page.goto('/purge')
    await page
      .getByRole('textbox', { name: 'URLs to purge, one a line' })
      .fill('https://demo.localhost/about.html')
    await page.getByRole('radio', { name: 'Prefetch' }).check({ force: true })
    await page
      .getByRole('button', { name: /^Purge/ })
      .first()
      .click()
    await expect(page.getByRole('heading', { name: 'Prefetch of 1 URL' })).toBeVisible()
    await page.goto('/purge?method=prefetch')
    await page.getByRole('textbox').first().fill('https://demo.localhost/about.html')
    await page.getByRole('radio', { name: 'Purge' }).check({ force: true })
    await page
      .getByRole('button', { name: /^Prefetch/ })
      .first()
      .click()
    await expect(page.getByRole('heading', { name: 'Purge of 1 URL' })).toBeVisible()
  })
})

test.describe('in Chinese', () => {
  test('目录刷新与预热，均以中文完成', async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: 'locale', value: 'zh-CN', url: baseURL ?? '' }])
    await openPurge(page)
    await choose(page, '方式', '目录')
    await paste(page, 'https://demo.localhost/catalogue')
    await expect(page.locator('.cm-why')).toContainText('目录以斜杠结尾。')
    await page.getByRole('button', { name: '改为 https://demo.localhost/catalogue/' }).click()
    await expect(submit(page)).toContainText('刷新 1 个目录')
    await submitted(page)
    await expect(page.getByText('完成', { exact: true })).toBeVisible()
    await openPurge(page)
    await choose(page, '操作', '预热')
    await paste(page, 'https://demo.localhost/about.html')
    await submitted(page)
    await expect(page.getByRole('heading', { name: '预热 1 个 URL' })).toBeVisible()
    await expect(page.getByText('完成', { exact: true })).toBeVisible()
  })
})
