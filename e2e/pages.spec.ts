import { axe, expect, openPurge, owner, paste, purge, test } from './fixtures.ts'

const pages = [
  '/',
  '/purge',
  '/purge?method=tag',
  '/purge?method=prefetch',
  '/records',
  '/records?retention=1&note=none',
  '/domains',
  '/domains?add=1',
  '/caches',
  '/caches?add=1',
  '/caches?list=1',
  '/quotas',
  '/quotas?ask=1',
  '/quotas?limits=1',
  '/access',
  '/access?add=1',
  '/access/groups?add=1',
  '/access/policies?add=1',
  '/access/policies/FreshetReadOnlyAccess',
  '/access/keys?create=',
  '/access/requests',
  '/access/simulate?action=dcdn:RefreshDcdnObjectCaches',
  '/audit',
  '/audit?q=who:me+from:never',
  '/you',
  '/you?password=1',
]
const looks = [
  { theme: 'light', locale: 'en', width: 1440 },
  { theme: 'dark', locale: 'zh-CN', width: 390 },
]

for (const { theme, locale, width } of looks) {
  test(`axe finds nothing, ${theme}, ${locale}, ${width} px, and nothing runs out of the page`, async ({
    page,
    context,
    baseURL,
  }) => {
    // So many pages take their time where others are at work too.
    test.slow()
    await page.setViewportSize({ width, height: 900 })
    await purge(page, 'https://demo.localhost/look')
    const submission = page.url()
    const url = baseURL ?? ''
    await context.addCookies([
      { name: 'theme', value: theme, url },
      { name: 'locale', value: locale, url },
    ])
    for (const path of [...pages, submission]) {
      await page.goto(path)
      if (path === '/purge') await expect(page.locator('.cm-content')).toBeVisible()
      await expect(page.locator('html')).toHaveAttribute('lang', locale)
      expect.soft(await axe(page), path).toEqual([])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect.soft(overflow, path).toBeLessThanOrEqual(0)
    }
  })
}

test('marks in the editor pass axe too', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/1\ndemo.localhost/2')
  await expect(page.locator('.cm-why')).toHaveCount(1)
  expect(await axe(page)).toEqual([])
  await paste(page, '')
})

test('the front pages pass axe, and an address of nothing says where to go', async ({ browser, page }) => {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } })
  const stranger = await context.newPage()
  await stranger.goto('/sign-in')
  expect(await axe(stranger)).toEqual([])
  await context.close()
  await page.goto('/records/2026010100000001')
  await expect(page.getByRole('link', { name: 'Go to Purge Cache' })).toBeVisible()
  expect(await axe(page)).toEqual([])
})

test('another site cannot write, and every page carries its policy', async ({ page, request }) => {
  const answer = await page.goto('/purge')
  const headers = answer?.headers() ?? {}
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/)
  expect(headers['content-security-policy']).not.toContain('unsafe')
  expect(headers['x-content-type-options']).toBe('nosniff')
  const crossSite = await request.post('/purge', { headers: { origin: 'https://evil.example' }, data: 'x' })
  expect(crossSite.status()).toBe(403)
})

test('signing in leads only to pages of this console', async ({ browser }) => {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } })
  for (const next of [
    '/%09/evil.test/x',
    '//evil.test/x',
    '/.//evil.test/x',
    '/%5Cevil.test',
    'https://evil.test/',
  ]) {
    const stranger = await context.newPage()
    await stranger.goto(`/sign-in?next=${next}`)
    if (!stranger.url().includes('/sign-in')) continue
    await stranger.getByLabel('Name').fill(owner.name)
    await stranger.getByLabel('Password').fill(owner.password)
    await stranger.getByRole('button', { name: 'Sign in' }).click()
    await stranger.waitForURL((url) => !url.pathname.includes('sign-in'))
    expect(new URL(stranger.url()).hostname).toBe('localhost')
    await stranger.getByRole('button', { name: 'Sign out' }).click()
    await stranger.waitForURL('**/sign-in')
  }
  await context.close()
})
