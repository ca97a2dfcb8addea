import { type Browser, expect, type Page } from '@playwright/test'
import en from '#messages/en.json' with { type: 'json' }

export type Words = typeof en

/** What every user of these stories chooses. */
export const theirPassword = 'a horse of another colour'

/** The row of a table that names somebody or something. */
export const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })

/** Adds a user through the page, and reads the link that is shown this once. */
export async function addUser(page: Page, name: string, words: Words = en): Promise<string> {
  const t = words.access
  await page.goto('/access')
  await page.getByRole('link', { name: t.add }).click()
  await page.getByLabel(t.name, { exact: true }).fill(name)
  await page.getByRole('button', { name: t.addSubmit }).click()
  const link = page.getByLabel(t.linkLabel, { exact: true })
  await expect(link).toHaveValue(/\/welcome\?token=[\w-]{32}$/)
  return link.inputValue()
}

/** Opens a link in a browser of somebody's own, chooses a password, and is in. */
export async function followLink(browser: Browser, link: string, words: Words = en): Promise<Page> {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  if (words !== en) await context.addCookies([{ name: 'locale', value: 'zh-CN', url: new URL(link).origin }])
  await page.goto(link)
  await page.getByLabel(words.newPassword.password).fill(theirPassword)
  await page.getByRole('button', { name: words.welcome.submit }).click()
  await page.waitForURL('**/purge')
  return page
}

/** Lets somebody hold exactly these policies, through the page. */
export async function hold(page: Page, name: string, policies: string[]): Promise<void> {
  await page.goto('/access')
  await rowOf(page, name).getByRole('link', { name: 'Change' }).click()
  await expect(page.getByRole('button', { name: 'Save' })).toBeVisible()
  const held = page.getByRole('checkbox', { checked: true })
  while ((await held.count()) > 0) await held.first().uncheck()
  for (const policy of policies) await page.getByRole('checkbox', { name: policy, exact: true }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(/access$/)
}
