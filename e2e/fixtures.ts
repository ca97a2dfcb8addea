import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, test as base, expect, type Page } from '@playwright/test'
import { type Product, startProduct } from './product.ts'

export { expect }

export const owner = { account: 'Example Media', name: 'editor', password: 'correct horse battery' }

/** Chooses among what stands side by side, such as the method of a purge. */
export async function choose(page: Page, group: string, choice: string): Promise<void> {
  await page.getByRole('group', { name: group, exact: true }).getByText(choice, { exact: true }).click()
}

/** Pastes as a person would: the browser's own typing of 10,000 lines takes minutes. */
export async function paste(page: Page, text: string): Promise<void> {
  const lines = page.locator('.cm-content')
  await lines.click()
  await page.keyboard.press('ControlOrMeta+A')
  await lines.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

/** Waits for the line editor to stand in place of the plain box. */
export async function openPurge(page: Page): Promise<void> {
  await page.goto('/purge')
  await expect(page.locator('.cm-content')).toBeVisible()
}

/** Pastes, submits by keyboard, and waits for the live submission. */
export async function purge(page: Page, ...urls: string[]): Promise<void> {
  await openPurge(page)
  await paste(page, urls.join('\n'))
  await expect(page.getByRole('button', { name: /^Purge [\d,]+ URL/ })).toBeEnabled()
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.waitForURL(/submission=/)
}

/** Adds a cache through its form. */
export async function addCache(
  page: Page,
  cache: { name: string; kind?: string; address: string; tier?: string; secret: string },
): Promise<void> {
  await page.goto('/caches?add=1')
  await page.getByLabel('Name').fill(cache.name)
  await page.getByLabel('Kind').selectOption(cache.kind ?? 'edge')
  await page.getByLabel('Address').fill(cache.address)
  await page.getByLabel('Tier').selectOption(cache.tier ?? 'edge')
  await page.getByLabel('Secret').fill(cache.secret)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('row', { name: new RegExp(cache.name) })).toBeVisible()
}

/** Adds a domain that these caches serve. */
export async function addDomain(page: Page, name: string, caches: string[]): Promise<void> {
  await page.goto('/domains?add=1')
  await page.getByLabel('Domain', { exact: true }).fill(name)
  for (const cache of caches) await page.getByRole('checkbox', { name: new RegExp(`^${cache} `) }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('row', { name: new RegExp(name) })).toBeVisible()
}

/** What axe finds, as one line a rule; nothing is what it should be. */
export async function axe(page: Page): Promise<string[]> {
  // Pages have no frames, and without this mode each run opens a page of its own.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze()
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`,
  )
}

/** Sets the product up through its own page, and keeps the session for all its specs. */
async function signedInState(browser: Browser, { url, setup, state }: Product): Promise<string> {
  const file = path.join(state, 'signed-in.json')
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto(setup)
  await page.getByLabel('Account', { exact: true }).fill(owner.account)
  await page.getByLabel('Your name for signing in').fill(owner.name)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.waitForURL('**/purge')
  await allowManyUrls(page)
  await context.storageState({ path: file })
  await context.close()
  return file
}

/** All specs submit on one day, and some of them 10,000 URLs. */
async function allowManyUrls(page: Page): Promise<void> {
  await page.goto('/quotas?limits=1')
  for (const limit of ['perDay.url', 'perMinute.url'])
    await page.locator(`input[name="${limit}"]`).fill('1000000')
  await page.getByRole('button', { name: 'Save the limits' }).click()
  await page.waitForURL(/quotas$/)
}

/**
 * A signed-in page. What a browser complains of fails the test: errors in the console, a script or
 * style that the policy stopped, a request that leaves the host.
 */
export const test = base.extend<{ complaints: string[] }, { product: Product; signedIn: string }>({
  product: [
    async ({ browserName: _ }, use) => {
      const product = await startProduct()
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  signedIn: [
    async ({ browser, product }, use) => use(await signedInState(browser, product)),
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ product }, use) => use(product.url),
  storageState: async ({ signedIn }, use) => use(signedIn),
  complaints: async ({ browserName: _ }, use) => use([]),
  page: async ({ page, complaints, javaScriptEnabled }, use) => {
    watch(page, complaints)
    if (javaScriptEnabled !== false) waitForScript(page)
    await use(page)
    expect(complaints).toEqual([])
  },
})

/** Nobody presses a button in the tenth of a second before its script has come, but tests do. */
function waitForScript(page: Page): void {
  const goto = page.goto.bind(page)
  const isLive = () => {
    const buttons = [...document.querySelectorAll('button[type="button"]')]
    return buttons.every((button) => Object.keys(button).some((key) => key.startsWith('__reactProps')))
  }
  page.goto = async (...given) => {
    const answer = await goto(...given)
    // A page that fails to load its scripts is what some stories are about.
    await page.waitForFunction(isLive, undefined, { timeout: 3_000 }).catch(() => {})
    return answer
  }
}

function watch(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    // A page that is not there is asked for on purpose.
    if (message.type() === 'error' && !message.text().includes('status of 404'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    const isHere = hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1'
    if (protocol.startsWith('http') && !isHere) complaints.push(`request to ${hostname}`)
  })
}
