import { choose, expect, openPurge, paste, test } from './fixtures.ts'

const mixed = [
  'https://demo.localhost/index.html',
  'demo.localhost/page',
  'https://demo.localhost/产品/a',
  'https://user:pw@demo.localhost/a',
  'https://demo.localhost/a#top',
  'https://*.demo.localhost/a',
  'https://shop.partner.net/cart.js',
  'https://demo.localhost/index.html',
].join('\n')

test('every bad line has a mark and a sentence, the good ones go, the others stay', async ({ page }) => {
  await openPurge(page)
  await paste(page, mixed)
  // Typed: what is pasted as a list would have become lines already.
  await page.keyboard.press('Enter')
  await page.keyboard.insertText('https://demo.localhost/1, https://demo.localhost/2')
  await expect(page.getByText('7 need attention')).toHaveCount(2)
  await expect(page.locator('#purge-strip')).toContainText('1 ready')
  await expect(page.locator('#purge-strip')).toContainText('1 duplicate folded')
  for (const sentence of [
    'Write the scheme too',
    'must be percent-encoded',
    'Several URLs stand on this line',
    'no user name or password',
    'do not send “#top”',
    'is not one host',
    'not one of this account’s domains',
  ]) {
    await expect(page.locator('.cm-why').filter({ hasText: sentence })).toBeVisible()
  }
  await page.getByRole('button', { name: 'Purge 1 URL, keep 7 here' }).click()
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()
  await page.getByRole('link', { name: '7 lines kept in the editor' }).click()
  await expect(page.locator('.cm-content')).toContainText('shop.partner.net')
  await expect(page.locator('.cm-content')).not.toContainText('index.html')
  await page.getByRole('button', { name: 'Fix all that can be fixed' }).click()
  await expect(page.locator('.cm-why')).toHaveCount(2)
})

test('F8 walks from problem to problem, and Ctrl+. takes the offered form', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/1\ndemo.localhost/2\nhttps://demo.localhost/3\ndemo.localhost/4')
  await expect(page.locator('.cm-why')).toHaveCount(2)
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('F8')
  await page.keyboard.press('Control+.')
  await expect(page.locator('.cm-why')).toHaveCount(1)
  await page.keyboard.press('F8')
  await page.keyboard.press('Control+.')
  await expect(page.locator('.cm-why')).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Purge 4 URLs' })).toBeEnabled()
})

test('10,000 pasted lines are ready at once and arrive', async ({ page }) => {
  await openPurge(page)
  await paste(
    page,
    Array.from({ length: 10_000 }, (_, at) => `https://demo.localhost/file-${at}.css`).join('\n'),
  )
  await expect(page.locator('#purge-strip')).toContainText('10,000 ready')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByRole('heading', { name: 'Purge of 10,000 URLs' })).toBeVisible()
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Find in lines' }).fill('file-9999')
  await expect(page.getByText('https://demo.localhost/file-9999.css')).toBeVisible()
})

test('a draft survives a reload and an ended session', async ({ page, context, complaints }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/draft')
  await page.reload()
  await expect(page.locator('.cm-content')).toContainText('https://demo.localhost/draft')
  const cookies = await context.cookies()
  await context.clearCookies()
  // What the page reads by itself may meet the end of the session first, and lead there too.
  const pressed = page.getByRole('button', { name: 'Purge 1 URL' }).click({ timeout: 5_000 })
  await Promise.race([pressed.catch(() => {}), page.waitForURL(/sign-in/)])
  await expect(page).toHaveURL(/sign-in/)
  expect(complaints.splice(0).filter((words) => !words.includes('status of 401'))).toEqual([])
  await context.addCookies(cookies)
  await openPurge(page)
  await expect(page.locator('.cm-content')).toContainText('https://demo.localhost/draft')
  await paste(page, '')
})

test('another method keeps what was written in place of what was there before', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/images/')
  await choose(page, 'Method', 'Directory')
  await expect(page.getByRole('textbox', { name: 'Directories to purge, one a line' })).toBeVisible()
  await expect(page.locator('.cm-line')).toHaveText('https://demo.localhost/images/')
  await paste(page, '')
})

test('another language says the same of the lines', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'demo.localhost/2')
  await expect(page.locator('.cm-why')).toContainText('Write the scheme too')
  await page.getByRole('button', { name: '中文' }).click()
  await expect(page.locator('.cm-why')).toContainText('请写明协议')
  await expect(page.getByRole('textbox', { name: /URL/ }).first()).toContainText('demo.localhost/2')
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.locator('.cm-why')).toContainText('Write the scheme too')
  await paste(page, '')
})

test('a double click is one submission', async ({ page }) => {
  await openPurge(page)
  await paste(page, 'https://demo.localhost/double-click')
  await expect(page.locator('.cm-content')).toHaveText('https://demo.localhost/double-click')
  await page.getByRole('button', { name: 'Purge 1 URL' }).dblclick()
  await page.waitForURL(/submission=/)
  await page.goto('/records')
  await expect(page.getByRole('row', { name: /double-click/ })).toHaveCount(1)
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('the plain box submits, names bad lines and keeps them', async ({ page }) => {
    await page.goto('/purge')
    const box = page.getByRole('textbox', { name: 'URLs to purge, one a line' })
    await box.fill('https://demo.localhost/no-script\nhttps://user@demo.localhost/bad')
    await page
      .getByRole('button', { name: /^Purge/ })
      .first()
      .click()
    await expect(page.getByRole('alert').filter({ hasText: '1 of 2 lines needs attention' })).toBeVisible()
    await expect(page.getByText('Line 2: A URL to purge holds no user name')).toBeVisible()
    await expect(box).toHaveValue(/no-script[\s\S]*bad/)
    await page.getByRole('button', { name: 'Purge 1 URL, keep 1 here' }).click()
    await expect(page.getByText('1 line stays here')).toBeVisible()
    await expect(page.getByRole('link', { name: 'see the submission' })).toBeVisible()
    await expect(box).toHaveValue('https://user@demo.localhost/bad')
    await box.fill('https://demo.localhost/no-script')
    await page
      .getByRole('button', { name: /^Purge/ })
      .first()
      .click()
    await expect(page).toHaveURL(/submission=\d+/)
    await expect(page.getByRole('heading', { name: 'Purge of 1 URL' })).toBeVisible()
  })
})
