import { rmSync } from 'node:fs'
import type { Locator, Page } from '@playwright/test'
import { axe, expect, openPurge, owner, paste, purge, test } from './fixtures.ts'
import { freePort, launch, readSetupLink, stateFolder } from './launch.ts'

const palette = (page: Page) => page.getByRole('dialog', { name: 'Search or paste a URL' })
const keys = (page: Page) => page.getByRole('dialog', { name: 'Keys' })
const lines = (page: Page) => page.locator('.cm-content')

/** Goes to a page by its link, from one whose script surely runs. */
async function visit(page: Page, name: 'Records' | 'Domains' | 'Caches'): Promise<void> {
  await openPurge(page)
  await page.getByRole('link', { name }).click()
  await page.waitForURL(`**/${name.toLowerCase()}`)
}

async function openPalette(page: Page): Promise<Locator> {
  const input = palette(page).getByRole('combobox')
  // Keys are heard once the page's script has taken it over.
  await expect(async () => {
    if (!(await input.isVisible())) await page.keyboard.press('ControlOrMeta+k')
    await expect(input).toBeFocused({ timeout: 1_000 })
  }).toPass()
  return input
}

/** Pastes into what has the focus; the clipboard of the machine stays as it is. */
async function pasteInto(input: Locator, text: string): Promise<void> {
  await input.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

/** Takes the focus out of any field; a page of the console has nothing to press in its heading. */
const leaveFields = (page: Page) => page.getByRole('heading', { level: 1 }).click()

test.describe('the palette', () => {
  test('takes a URL to the form, by keyboard alone', async ({ page }) => {
    await visit(page, 'Domains')
    const input = await openPalette(page)
    await page.keyboard.insertText('https://demo.localhost/price.html')
    await expect(palette(page).getByRole('option')).toHaveText([
      'Purge this URL',
      'Prefetch this URL',
      'Find in Records',
      'Show its history',
      'Records of demo.localhost',
    ])
    await expect(input).toHaveAttribute('aria-activedescendant', /submit-purge$/)
    await page.keyboard.press('Enter')
    await expect(palette(page)).toBeHidden()
    await expect(lines(page)).toHaveText('https://demo.localhost/price.html')
    await expect(lines(page)).toBeFocused()
    await expect(page.getByRole('button', { name: 'Purge 1 URL' })).toBeEnabled()
  })

  test('replaces what the form shows, and purges all that lies under a URL', async ({ page }) => {
    await openPurge(page)
    await openPalette(page)
    await page.keyboard.insertText('demo.localhost/images/')
    await page.keyboard.press('ArrowDown')
    await expect(palette(page).getByRole('option', { selected: true })).toHaveText(
      'Purge everything under it',
    )
    await page.keyboard.press('Enter')
    await expect(lines(page)).toHaveText('https://demo.localhost/images/')
    await expect(page.getByRole('radio', { name: 'Directory' })).toBeChecked()
    await openPalette(page)
    await page.keyboard.insertText('https://demo.localhost/app.js')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(lines(page)).toHaveText('https://demo.localhost/app.js')
    await expect(page.getByRole('button', { name: 'Prefetch 1 URL' })).toBeEnabled()
  })

  test('takes several lines, and 10,000 of them without an address to match', async ({ page }) => {
    await visit(page, 'Records')
    await pasteInto(
      await openPalette(page),
      'https://demo.localhost/1\r\nhttps://demo.localhost/2\nnot one\n',
    )
    await expect(palette(page).getByText('and 2 more lines')).toBeVisible()
    await palette(page).getByRole('option', { name: 'Purge these 3 lines' }).click()
    await expect(page.locator('#purge-strip')).toContainText('2 ready')
    await expect(lines(page)).toContainText('not one')
    const many = Array.from({ length: 10_000 }, (_, at) => `https://demo.localhost/many-${at}.css`)
    await pasteInto(await openPalette(page), many.join('\n'))
    await page.keyboard.press('Enter')
    await expect(page.locator('#purge-strip')).toContainText('10,000 ready')
    expect(page.url().length).toBeLessThan(100)
    await page.reload()
    await expect(page.locator('#purge-strip')).toContainText('10,000 ready')
  })

  test('finds commands by words in any order, and wraps around', async ({ page, context }) => {
    await openPurge(page)
    const input = await openPalette(page)
    await page.keyboard.insertText('THEME dark')
    await expect(palette(page).getByRole('option')).toHaveText(['Dark theme', 'Find “theme dark” in Records'])
    await page.keyboard.press('Enter')
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
    expect((await context.cookies()).find(({ name }) => name === 'theme')?.value).toBe('dark')
    await openPalette(page)
    await page.keyboard.press('ArrowUp')
    await expect(palette(page).getByRole('option', { selected: true })).toHaveText('Sign out')
    await page.keyboard.press('Home')
    await expect(palette(page).getByRole('option', { selected: true })).toHaveText('Purge…P')
    await page.keyboard.press('End')
    await expect(palette(page).getByRole('option', { selected: true })).toHaveText('Sign out')
    await input.fill('users')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/access$/)
  })

  test('opens a task by its number, and asks Records for a URL or a host', async ({ page }) => {
    await purge(page, 'https://demo.localhost/by-number')
    await visit(page, 'Records')
    const row = page.getByRole('row', { name: /by-number/ })
    const task = /\d{16}/.exec((await row.getByRole('link').getAttribute('href')) ?? '')?.[0] ?? ''
    await openPalette(page)
    await page.keyboard.insertText(task)
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(new RegExp(`/records/${task}$`))
    await openPalette(page)
    await page.keyboard.insertText('https://demo.localhost/by-number')
    await palette(page).getByRole('option', { name: 'Find in Records' }).click()
    await expect(page).toHaveURL('/records?url=https%3A%2F%2Fdemo.localhost%2Fby-number')
    await openPalette(page)
    await page.keyboard.insertText('https://demo.localhost/by-number')
    await palette(page).getByRole('option', { name: 'Records of demo.localhost' }).click()
    await expect(page).toHaveURL('/records?domain=demo.localhost')
  })

  test('opens by its button, closes beside it, and gives the focus back', async ({ page }) => {
    await visit(page, 'Caches')
    const button = page.getByRole('banner').getByRole('button', { name: /^Search or paste a URL/ })
    await button.click()
    await expect(palette(page).getByRole('combobox')).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(palette(page)).toBeHidden()
    await expect(button).toBeFocused()
    await button.click()
    await page.mouse.click(5, 500)
    await expect(palette(page)).toBeHidden()
    await openPalette(page)
    await page.keyboard.press('ControlOrMeta+k')
    await expect(palette(page)).toBeHidden()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('button', { name: 'Search or paste a URL' }).click()
    await expect(palette(page)).toBeVisible()
  })
})

test.describe('single keys', () => {
  test('lead to the form and choose what it does, and are text where text is written', async ({ page }) => {
    await visit(page, 'Domains')
    await page.keyboard.press('p')
    await expect(lines(page)).toBeFocused()
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('pf/?jk')
    await expect(page.locator('.cm-line')).toHaveText('pf/?jk')
    await leaveFields(page)
    await page.keyboard.press('f')
    await expect(page.getByRole('radio', { name: 'Prefetch' })).toBeChecked()
    await expect(lines(page)).toBeFocused()
    await expect(page.locator('.cm-line')).toHaveText('pf/?jk')
    await visit(page, 'Caches')
    await page.keyboard.press('f')
    await expect(page).toHaveURL(/method=prefetch$/)
    await expect(lines(page)).toBeFocused()
  })

  test('walk through Records, open a row, find in it and run it again', async ({ page }) => {
    for (const name of ['row-1', 'row-2']) await purge(page, `https://demo.localhost/${name}`)
    await visit(page, 'Caches')
    await page.keyboard.press('/')
    await expect(page).toHaveURL(/\/records$/)
    await leaveFields(page)
    const rows = page.locator('[data-row]')
    for (const [key, at] of ['j', 'j', 'k', 'k', 'j'].map(
      (key, index) => [key, [0, 1, 0, 0, 1][index]] as const,
    )) {
      await page.keyboard.press(key)
      await expect(rows.nth(at ?? 0).getByRole('link')).toBeFocused()
    }
    await expect(rows.nth(1)).toHaveCSS('outline-style', 'solid')
    await page.keyboard.press('Enter')
    const title = page.getByRole('heading', { name: 'Purge of 1 line on demo.localhost' })
    await expect(title).toBeVisible()
    await page.keyboard.press('/')
    await expect(page.getByRole('searchbox', { name: 'Find in lines' })).toBeFocused()
    await title.click()
    await page.keyboard.press('r')
    await expect(page).toHaveURL(/from=\d{16}$/)
    await expect(lines(page)).toHaveText('https://demo.localhost/row-1')
  })

  test('are listed by ?, and can be turned off for good', async ({ page }) => {
    await visit(page, 'Caches')
    await page.keyboard.press('?')
    await expect(keys(page)).toContainText('Filter Records')
    // Not while a dialog is open.
    await page.keyboard.press('p')
    await keys(page).getByRole('checkbox', { name: 'Single keys' }).uncheck()
    await keys(page).getByRole('button', { name: 'Close' }).click()
    await expect(keys(page)).toBeHidden()
    for (const key of ['p', '/', '?']) await page.keyboard.press(key)
    await visit(page, 'Caches')
    for (const key of ['p', '/', '?']) await page.keyboard.press(key)
    await openPalette(page)
    await expect(page).toHaveURL(/\/caches$/)
    await page.keyboard.insertText('keys')
    await page.keyboard.press('Enter')
    await keys(page).getByRole('checkbox', { name: 'Single keys' }).check()
    await page.keyboard.press('Escape')
    await expect(keys(page)).toBeHidden()
    await page.keyboard.press('p')
    await expect(page).toHaveURL(/\/purge$/)
  })
})

test.describe('what goes wrong', () => {
  test('a page that fails says what became of the lines, and brings them back', async ({
    page,
    complaints,
  }) => {
    await openPurge(page)
    await paste(page, 'https://demo.localhost/kept')
    await page.getByRole('link', { name: 'Domains' }).click()
    await expect(page).toHaveURL(/\/domains$/)
    await page.evaluate(() => {
      crypto.getRandomValues = () => {
        throw new Error('something secret')
      }
    })
    await page.getByRole('link', { name: 'Purge and prefetch' }).click()
    await expect(page.getByRole('heading', { name: 'Something went wrong' })).toBeVisible()
    await expect(page.getByText('lines for a purge are kept in this browser')).toBeVisible()
    await expect(page.locator('body')).not.toContainText('secret')
    await expect(page.getByRole('navigation', { name: 'Console' })).toBeVisible()
    await page.evaluate(() => Reflect.deleteProperty(crypto, 'getRandomValues'))
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(lines(page)).toHaveText('https://demo.localhost/kept')
    expect(complaints.splice(0).join()).toContain('something secret')
  })

  test('where even the frame fails, a page stands in the language of before', async ({
    page,
    context,
    baseURL,
    complaints,
  }) => {
    await context.addCookies([{ name: 'locale', value: 'zh-CN', url: baseURL ?? '' }])
    await page.addInitScript(() => {
      Intl.DateTimeFormat.prototype.resolvedOptions = () => {
        throw new Error('something secret')
      }
    })
    await page.goto('/domains')
    await expect(page.getByRole('heading', { name: '出错了' })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
    await expect(page.getByRole('button', { name: '重试' })).toBeVisible()
    expect(await axe(page)).toEqual([])
    expect(complaints.splice(0).join()).toContain('something secret')
  })

  test('an address of nothing leads on, inside the console and outside', async ({ page }) => {
    await page.goto('/records/2026010100000001')
    // The page stands before its script runs.
    await expect(async () => {
      await page
        .getByRole('main')
        .getByRole('button', { name: 'Search or paste a URL' })
        .click({ timeout: 500 })
      await expect(palette(page)).toBeVisible({ timeout: 500 })
    }).toPass()
    await page.keyboard.press('Escape')
    await page.goto('/nothing/here')
    expect(await axe(page)).toEqual([])
    await page.getByRole('link', { name: 'Go to Purge Cache' }).click()
    await expect(lines(page)).toBeVisible()
  })

  test('a cut connection says how old the page is, moves nothing and goes by itself', async ({
    page,
    context,
    complaints,
  }) => {
    await visit(page, 'Caches')
    const heading = page.getByRole('heading', { name: 'Caches' })
    const before = await heading.boundingBox()
    const banner = page.getByRole('status').filter({ hasText: 'Connection lost' })
    await expect(page.getByRole('button', { name: 'Keys' })).toBeVisible()
    await context.setOffline(true)
    await expect(banner).toContainText(/shows the state of \d\d:\d\d; nothing was lost/)
    await banner.getByRole('button', { name: 'Try now' }).click()
    await expect(banner).toContainText(/Tried at \d\d:\d\d:\d\d, no answer/)
    // Where one goes now is gone to when the line is back.
    await page.getByRole('link', { name: 'Quotas' }).click()
    await expect(heading).toBeVisible()
    expect(await heading.boundingBox()).toEqual(before)
    expect(await axe(page)).toEqual([])
    await context.setOffline(false)
    await expect(banner).toBeHidden()
    await expect(page).toHaveURL(/\/quotas$/)
    expect(complaints.splice(0).filter((words) => !words.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([])
  })
})

test.describe('every page', () => {
  test('has an icon, a description, and is no business of search engines', async ({ page, request }) => {
    for (const path of ['/favicon.ico', '/icon.svg', '/apple-icon.png'])
      expect((await request.get(path)).status(), path).toBe(200)
    await page.goto('/purge')
    await expect(page.locator('meta[name="description"]')).toHaveAttribute('content', /Purge and prefetch/)
    await expect(page.locator('meta[name="robots"]')).toHaveAttribute('content', /noindex/)
  })

  for (const { theme, locale, open, list } of [
    { theme: 'light', locale: 'en', open: 'Search or paste a URL', list: 'Keys' },
    { theme: 'dark', locale: 'en', open: 'Search or paste a URL', list: 'Keys' },
    { theme: 'dark', locale: 'zh-CN', open: '搜索或粘贴 URL', list: '快捷键' },
  ]) {
    test(`has a palette and a list of keys that axe likes, ${theme}, ${locale}`, async ({
      page,
      context,
      baseURL,
    }) => {
      const url = baseURL ?? ''
      await context.addCookies([
        { name: 'theme', value: theme, url },
        { name: 'locale', value: locale, url },
      ])
      await page.setViewportSize({ width: 720, height: 450 })
      await openPurge(page)
      await page.getByRole('button', { name: open }).click()
      expect(await axe(page)).toEqual([])
      await page.keyboard.insertText('https://demo.localhost/a/')
      expect(await axe(page)).toEqual([])
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toHaveCount(0)
      await leaveFields(page)
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog', { name: list })).toBeVisible()
      expect(await axe(page)).toEqual([])
    })
  }

  test('has what a finger can hit, at 200 % zoom and on a phone', async ({ page }) => {
    for (const size of [
      { width: 720, height: 450 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size)
      for (const path of [
        '/purge',
        '/purge?method=prefetch',
        '/records',
        '/domains?add=1',
        '/caches',
        '/access',
      ]) {
        await page.goto(path)
        await page.getByText('Menu').click()
        expect.soft(await smallTargets(page), `${path} at ${size.width} px`).toEqual([])
      }
    }
  })
})

/** Visible controls that are lower than 24 px, but for links within a sentence (WCAG 2.2, 2.5.8). */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [
      ...document.querySelectorAll<HTMLElement>('a, button, select, summary, label:has(input)'),
    ]
    return controls
      .filter((control) => control.checkVisibility() && !control.matches('.sr-only'))
      .filter((control) => control.getBoundingClientRect().height < 24)
      .map((control) => control.outerHTML.slice(0, 120))
  })
}

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('a link still brings lines to the form, and nothing is offered that needs script', async ({
    page,
  }) => {
    await page.goto('/purge?method=directory&text=https%3A%2F%2Fdemo.localhost%2Fa%2F')
    await expect(page.getByRole('textbox').first()).toHaveValue('https://demo.localhost/a/')
    await expect(page.getByRole('radio', { name: 'Directory' })).toBeChecked()
    await expect(page.getByRole('button', { name: /Search or paste/ })).toHaveCount(0)
    await page.goto(`/purge?text=${'x'.repeat(5_000)}`)
    await expect(page.getByRole('textbox').first()).not.toHaveValue(/xxx/)
  })
})

test('every page of an empty account leads to its first purge', async ({ browser }) => {
  const state = stateFolder('empty')
  const started = launch({ FRESHET_STATE: state, PORT: String(await freePort()) }, '--no-demo')
  const setup = await readSetupLink(started)
  const context = await browser.newContext({
    storageState: { cookies: [], origins: [] },
    baseURL: new URL(setup).origin,
  })
  const page = await context.newPage()
  await page.goto(setup)
  await page.getByLabel('Account', { exact: true }).fill(owner.account)
  await page.getByLabel('Your name for signing in').fill(owner.name)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.waitForURL('**/purge')
  for (const path of ['/purge', '/domains', '/caches']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { name: 'Three steps to a first purge' })).toBeVisible()
  }
  await page.goto('/records')
  await page.getByRole('link', { name: 'Make a first purge' }).click()
  await page.getByRole('link', { name: 'Add a cache' }).click()
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await context.close()
  started.child.kill('SIGTERM')
  await started.ended
  rmSync(state, { recursive: true, force: true })
})

test('lines in a link survive signing in', async ({ browser }) => {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto('/purge?method=url&text=https%3A%2F%2Fdemo.localhost%2Fa')
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(lines(page)).toHaveText('https://demo.localhost/a')
  await context.close()
})
