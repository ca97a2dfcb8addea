import { expect, openPurge, test } from './fixtures.ts'

test('a stranger sees the old price, purges the page and sees the new one', async ({ page, context }) => {
  await openPurge(page)
  const site = await page.getByRole('link', { name: 'Open the demo site through a POP' }).getAttribute('href')
  const visitor = await context.newPage()
  const price = async () => {
    await visitor.goto(site ?? '')
    return /€ [\d.]+/.exec(await visitor.locator('body').innerText())?.[0]
  }
  const old = await price()
  expect(old).toBeTruthy()
  expect(await price()).toBe(old)

  await page.bringToFront()
  await expect(page.locator('.cm-content')).toContainText('https://demo.localhost/')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByRole('heading', { name: 'Purge of 1 URL' })).toBeVisible()
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()
  await expect(page.getByText('3 of 3 caches', { exact: true })).toHaveCount(2)
  await expect(page).toHaveTitle(/Done/)
  expect(await price()).not.toBe(old)

  await page.getByRole('link', { name: 'Records' }).click()
  const row = page.getByRole('row', { name: /demo\.localhost\// }).first()
  await expect(row).toContainText('Complete')
  await expect(row).toContainText('3 of 3 caches confirmed')
  await row.getByRole('link').click()
  await expect(page.getByRole('heading', { name: 'Purge of 1 line on demo.localhost' })).toBeVisible()
  await expect(page.getByText('by editor, console')).toBeVisible()
})

test('signing out ends the session, and the page comes back after signing in', async ({ browser }) => {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto('/records')
  await expect(page).toHaveURL(/sign-in\?next=%2Frecords/)
  await page.getByLabel('Name').fill('editor')
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'wrong' })).toBeVisible()
  await page.getByLabel('Name').fill('editor')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/records$/)
  const cookies = await context.cookies()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/sign-in/)
  // The cookie of before opens nothing any more: its session row has ended.
  await context.addCookies(cookies)
  await page.goto('/purge')
  await expect(page).toHaveURL(/sign-in/)
  await context.close()
})
