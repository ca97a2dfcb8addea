import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { findBrowser } from '#lib/fleet/browser.ts'
import { startPostgres } from '#lib/fleet/postgres.ts'
import { extendEnvironment } from '#lib/settings.ts'
import { closeStore } from '#lib/store/client.ts'
import { freePort, launch, readSetupLink, stateFolder } from '../../e2e/launch.ts'

/** A started product with its demo; `db()` of this process leads to its database. */
export type Product = {
  /** Where its pages are. */
  url: string
  setup: string
  /** A folder that is removed at the end. */
  folder: string
  databaseUrl: string
  pid: number
}

/** Runs a benchmark against the product as `npm start` runs it, with a Postgres of its own; stops all of it afterwards. */
export async function withProduct(
  name: string,
  work: (product: Product) => Promise<void>,
  ...options: string[]
): Promise<void> {
  const folder = stateFolder(`bench-${name}`)
  const postgres = await startPostgres({ folder: path.join(folder, 'postgres') })
  const shared = {
    DATABASE_URL: postgres.url,
    FRESHET_SECRET_KEY: randomBytes(32).toString('base64'),
  }
  const product = launch({ FRESHET_STATE: folder, PORT: String(await freePort()), ...shared }, ...options)
  try {
    const setup = await readSetupLink(product)
    extendEnvironment(shared)
    const pid = product.child.pid as number
    await work({ url: new URL(setup).origin, setup, folder, databaseUrl: postgres.url, pid })
  } finally {
    await closeStore()
    product.child.kill('SIGTERM')
    await product.ended
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = await findBrowser()
  return chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] })
}

/** Makes the account of a fresh product, and leaves the page signed in, at the purge form. */
export async function signUp(page: Page, { setup }: Product): Promise<void> {
  await page.goto(setup)
  await page.getByLabel('Account', { exact: true }).fill('Bench')
  await page.getByLabel('Your name for signing in').fill('bench')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.waitForURL('**/purge')
}

/** The cookies of a page as a header. */
export async function cookiesOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies()
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** Makes the account of a fresh product. @returns the cookies of its owner */
export async function signedUp(product: Product): Promise<string> {
  const browser = await startBrowser()
  const page = await browser.newPage()
  await signUp(page, product)
  const cookies = await cookiesOf(page)
  await browser.close()
  return cookies
}
