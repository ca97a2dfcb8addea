import { type Browser, expect, type Page } from '@playwright/test'
import { axe, owner, test } from './fixtures.ts'
import { runFreshet } from './launch.ts'
import { addUser, followLink, rowOf, theirPassword } from './people.ts'
import type { Product } from './product.ts'

const stranger = { storageState: { cookies: [], origins: [] } }
const nextPassword = 'a tree in another valley'
/** Within which the page of an ended session has to stop. */
const soon = { timeout: 5_000 }

async function signIn(page: Page, name: string, password = theirPassword): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** A browser of somebody's own, signed in by name and password. */
async function signedInElsewhere(browser: Browser, name: string, password = theirPassword): Promise<Page> {
  const page = await (await browser.newContext(stranger)).newPage()
  await page.goto('/sign-in')
  await signIn(page, name, password)
  await page.waitForURL(({ pathname }) => pathname === '/')
  return page
}

/** Opens what an admin sees of somebody's sign-in. */
async function openSignInOf(page: Page, name: string): Promise<void> {
  await page.goto('/access')
  await rowOf(page, name).getByRole('link', { name: 'Sign-in' }).click()
  await expect(page.getByRole('heading', { name: `Sign-in of ${name}` })).toBeVisible()
}

async function ask(product: Product, ...args: string[]): Promise<string> {
  const asked = runFreshet({ FRESHET_STATE: product.state, PORT: new URL(product.url).port }, ...args)
  await asked.ended
  return asked.output().trim()
}

/** The account that the rail names; a phone has a rail of its own, before this one. */
const accountOf = (page: Page, name: string) => page.getByRole('banner').getByTitle(name).last()

const sessionRows = (page: Page) => page.getByRole('region', { name: 'Sessions' }).locator('tbody tr')

/** What axe finds, in both themes and also on a phone. */
async function look(page: Page): Promise<void> {
  const url = new URL(page.url()).origin
  for (const [theme, width] of [
    ['light', 1440],
    ['dark', 390],
  ] as const) {
    await page.context().addCookies([{ name: 'theme', value: theme, url }])
    await page.setViewportSize({ width, height: 900 })
    await page.reload()
    expect.soft(await axe(page), theme).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect.soft(overflow, theme).toBeLessThanOrEqual(0)
  }
  await page.setViewportSize({ width: 1280, height: 720 })
}

test('who guesses waits, is told for how long, and another name is let in meanwhile', async ({ browser }) => {
  const page = await (await browser.newContext(stranger)).newPage()
  await page.goto('/sign-in')
  const alert = page.getByRole('alert').filter({ hasText: /\w/ })
  for (let turn = 0; turn < 4; turn += 1) {
    await signIn(page, 'guessed', `guess number ${turn}`)
    await expect(alert).toContainText('The name or the password is wrong.')
    await page.reload()
  }
  await signIn(page, 'guessed', 'guess number five')
  await expect(alert).toHaveText(
    'There were too many wrong tries from your address, with this name or with others. Try again in 30 seconds.',
  )
  const timer = page.getByRole('timer')
  await expect(timer).toHaveText('30 seconds left.')
  await expect(timer).toHaveText(/^2\d seconds left\.$/)
  expect(await axe(page)).toEqual([])

  await signIn(page, owner.name, owner.password)
  await page.waitForURL(({ pathname }) => pathname === '/')

  const context = await browser.newContext({ ...stranger, javaScriptEnabled: false })
  const plain = await context.newPage()
  await plain.goto('/sign-in')
  await signIn(plain, 'guessed', 'guess number six')
  await expect(plain.getByRole('alert')).toContainText(/Try again in \d+ seconds?\./)
  await context.close()
  await page.context().close()
})

test('a new password that is asked for comes before anything else', async ({ page, browser }) => {
  const theirs = await followLink(browser, await addUser(page, 'renata'))
  await theirs.goto('/records')
  await openSignInOf(page, 'renata')
  await page.getByRole('button', { name: 'Ask for a new password' }).click()
  await expect(page.getByText('A new password is asked for.')).toBeVisible()

  // An open page goes by itself; so does every other that is asked for, and routes refuse.
  await expect(theirs).toHaveURL(/new-password\?next=%2Frecords/, soon)
  for (const path of ['/purge', '/you', '/access', '/']) {
    await theirs.goto(path)
    await expect(theirs).toHaveURL(new RegExp(`/new-password\\?next=${encodeURIComponent(path)}`))
  }
  for (const path of [
    '/api/tasks?ids=',
    '/api/overview?range=day',
    '/api/export?format=csv',
    '/api/progress',
  ]) {
    const answer = await theirs.request.get(path)
    expect(`${path} ${answer.status()}`).toBe(`${path} 403`)
    expect(await answer.json()).toMatchObject({ message: /^A new password is asked of you first\./ })
  }
  await look(theirs)
  await page.goto('/access')
  await expect(rowOf(page, 'renata')).toContainText('must choose a new password')

  await theirs.goto('/records?status=failed')
  const change = async (present: string, password: string) => {
    await theirs.getByLabel('Present password').fill(present)
    await theirs.getByLabel('New password').fill(password)
    await theirs.getByRole('button', { name: 'Change the password' }).click()
  }
  await change('not the present one', nextPassword)
  await expect(theirs.getByText('This is not your present password.')).toBeVisible()
  await change(theirPassword, theirPassword)
  await expect(theirs.getByText('The new password is the present one.')).toBeVisible()
  await change(theirPassword, nextPassword)
  await expect(theirs).toHaveURL(/records\?status=failed/)
  await theirs.context().close()
})

test('people see where they are signed in, and change their password on a page of their own', async ({
  page,
  browser,
}) => {
  const theirs = await followLink(browser, await addUser(page, 'olivia'))
  const [phone, desk] = [
    await signedInElsewhere(browser, 'olivia'),
    await signedInElsewhere(browser, 'olivia'),
  ]
  await theirs.getByRole('link', { name: 'olivia' }).click()
  await expect(theirs.getByRole('heading', { level: 1, name: 'olivia' })).toBeVisible()
  await expect(theirs.getByText('In Example Media: Purge and prefetch.')).toBeVisible()
  await expect(sessionRows(theirs)).toHaveCount(3)
  await expect(sessionRows(theirs).filter({ hasText: 'this one' })).toHaveText(/Chrome on (Linux|Windows)/)
  await look(theirs)

  const others = sessionRows(theirs).filter({ hasNotText: 'this one' })
  await others.first().getByRole('button', { name: 'End' }).click()
  await expect(sessionRows(theirs)).toHaveCount(2)
  await theirs.getByRole('link', { name: 'Change the password' }).click()
  const change = async (present: string, password: string) => {
    await theirs.getByLabel('Present password').fill(present)
    await theirs.getByLabel('New password').fill(password)
    await theirs.getByRole('button', { name: 'Change it' }).click()
  }
  for (const [weak, sentence] of [
    ['olivia reads books', 'does not hold its user’s name'],
    ['at example media', 'does not hold the account’s name'],
    ['qwertyuiop12', 'follows the keyboard'],
    ['password1234', 'words that many passwords have'],
  ] as const) {
    await change(theirPassword, weak)
    await expect(theirs.getByText(sentence)).toBeVisible()
  }
  await change(theirPassword, nextPassword)
  await expect(theirs.getByText('Your password is changed')).toBeVisible()
  await expect(sessionRows(theirs)).toHaveCount(1)
  for (const other of [phone, desk]) {
    await expect(other).toHaveURL(/sign-in/, soon)
    await other.context().close()
  }
  const again = await signedInElsewhere(browser, 'olivia', nextPassword)
  await again.context().close()
  await theirs.context().close()
})

test('an own page works without script', async ({ page, browser, baseURL }) => {
  const theirs = await followLink(browser, await addUser(page, 'paul'))
  const cookies = await theirs.context().cookies()
  const context = await browser.newContext({ ...stranger, javaScriptEnabled: false, baseURL: baseURL ?? '' })
  await context.addCookies(cookies)
  const plain = await context.newPage()
  const other = await signedInElsewhere(browser, 'paul')
  await plain.goto('/you')
  await expect(sessionRows(plain)).toHaveCount(2)
  await plain.getByRole('button', { name: 'End all others' }).click()
  await expect(sessionRows(plain)).toHaveCount(1)
  await plain.getByRole('link', { name: 'Change the password' }).click()
  await plain.getByLabel('Present password').fill(theirPassword)
  await plain.getByLabel('New password').fill(nextPassword)
  await plain.getByRole('button', { name: 'Change it' }).click()
  await expect(plain.getByText('Your password is changed')).toBeVisible()
  for (const one of [other.context(), theirs.context(), context]) await one.close()
})

test('an admin ends a session, and its page and its stream stop within five seconds', async ({
  page,
  browser,
}) => {
  const theirs = await followLink(browser, await addUser(page, 'sofia'))
  await theirs.goto('/records')
  const stream = theirs.evaluate(async () => {
    const { body } = await fetch('/api/progress')
    const reader = body?.getReader()
    while (reader && !(await reader.read()).done);
    return Date.now()
  })
  await openSignInOf(page, 'sofia')
  await expect(sessionRows(page)).toHaveCount(1)
  await look(page)
  await sessionRows(page).first().getByRole('button', { name: 'End' }).click()
  await expect(page.getByText('Nobody is signed in.')).toBeVisible()
  const endedAt = Date.now()
  const streamMs = stream.then((at) => at - endedAt)
  await expect(theirs).toHaveURL(/sign-in\?next=/, soon)
  console.log(
    `the page of an ended session left after ${Date.now() - endedAt} ms, its stream after ${await streamMs}`,
  )
  expect(await streamMs).toBeLessThan(5_000)
  await theirs.context().close()
})

test('sign-in is turned off at once, and on again', async ({ page, browser }) => {
  const theirs = await followLink(browser, await addUser(page, 'robot'))
  await theirs.goto('/records')
  await openSignInOf(page, 'robot')
  await page.getByRole('button', { name: 'Turn sign-in off' }).click()
  await expect(page.getByText('Sign-in is off.')).toBeVisible()
  await expect(theirs).toHaveURL(/sign-in/, soon)
  await signIn(theirs, 'robot')
  await expect(theirs.getByRole('alert').filter({ hasText: 'wrong' })).toBeVisible()
  await page.goto('/access')
  await expect(rowOf(page, 'robot')).toContainText('sign-in off')
  await openSignInOf(page, 'robot')
  await page.getByRole('button', { name: 'Turn sign-in on' }).click()
  await expect(page.getByText('Sign-in is on.')).toBeVisible()
  await signIn(theirs, 'robot')
  await theirs.waitForURL('**/records')
  await theirs.context().close()
})

test('two accounts have a user of the same name, and each signs in to its own', async ({
  page,
  browser,
  product,
}) => {
  const said = await ask(product, 'account', 'create', 'North Star', '--owner', 'twin')
  const link = /http\S+\/welcome\?token=[\w-]{32}/.exec(said)?.[0] ?? ''
  expect(new URL(link).origin).toBe(product.url)
  expect(await ask(product, 'account', 'create', 'north star', '--owner', 'twin')).toBe(
    'There is an account north star already. Choose another name.',
  )

  const theirs = await followLink(browser, await addUser(page, 'twin'))
  const context = await browser.newContext(stranger)
  const other = await context.newPage()
  await other.goto(link)
  await expect(other.getByText('Choose a password for North Star.')).toBeVisible()
  await other.getByLabel('Password').fill(nextPassword)
  await other.getByRole('button', { name: 'Set the password, sign in' }).click()
  await other.waitForURL('**/purge')
  await expect(accountOf(other, 'North Star')).toBeVisible()
  await expect(accountOf(theirs, owner.account)).toBeVisible()
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.waitForURL('**/sign-in')

  await signIn(other, 'twin', nextPassword)
  await expect(other.getByRole('alert').filter({ hasText: 'NAME@ACCOUNT' })).toBeVisible()
  await signIn(other, 'twin@north star', nextPassword)
  await other.waitForURL(({ pathname }) => pathname === '/')
  await expect(accountOf(other, 'North Star')).toBeVisible()
  await other.goto('/access')
  await expect(other.getByRole('row')).toHaveCount(2)

  expect(await ask(product, 'user', 'reset', 'twin')).toMatch(
    /^twin may be twin@North Star or twin@Example Media; nothing was changed\./,
  )
  const reset = await ask(product, 'user', 'reset', 'twin@North Star')
  const password = /is now (\S+), /.exec(reset)?.[1] ?? ''
  await expect(other).toHaveURL(/sign-in/, soon)
  await signIn(other, 'twin@North Star', password)
  await expect(other).toHaveURL(/new-password/)
  await theirs.goto('/records')
  await expect(theirs).toHaveURL(/records$/)
  await context.close()
  await theirs.context().close()
})
