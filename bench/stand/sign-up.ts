import { type Browser, chromium, type Page } from '@playwright/test'
import { findBrowser } from '#lib/fleet/browser.ts'

export async function startBrowser(): Promise<Browser> {
  const executablePath = await findBrowser()
  return chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] })
}

/** Makes the account of a fresh product, and leaves the page signed in. */
export async function signUpOn(page: Page, setup: string): Promise<void> {
  await page.goto(setup)
  await page.getByLabel('Account', { exact: true }).fill('Bench')
  await page.getByLabel('Your name for signing in').fill('bench')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.waitForURL('**/purge')
}

/** Makes the account of a fresh product. @returns where the product is, and the cookies of its owner */
export async function signUp(setup: string): Promise<{ url: string; cookie: string }> {
  const browser = await startBrowser()
  const page = await browser.newPage()
  await signUpOn(page, setup)
  const cookies = await page.context().cookies()
  await browser.close()
  return {
    url: new URL(setup).origin,
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
  }
}
