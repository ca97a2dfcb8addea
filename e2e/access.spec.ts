import type { Page } from '@playwright/test'
import { axe, expect, openPurge, owner, paste, purge, test } from './fixtures.ts'
import { addUser, followLink, hold, rowOf, theirPassword } from './people.ts'

const stranger = { storageState: { cookies: [], origins: [] } }

/** Changes what somebody may do. */
async function grant(page: Page, name: string, may: string): Promise<void> {
  await hold(page, name, [may])
  await expect(rowOf(page, name)).toContainText(may)
}

async function disable(page: Page, name: string): Promise<void> {
  await page.goto('/access')
  await rowOf(page, name).getByRole('link', { name: 'Disable' }).click()
  await expect(
    page.getByText(
      `Disable ${name}? They can sign in no longer; their sessions, links and access keys end at once.`,
    ),
  ).toBeVisible()
  await page.getByRole('button', { name: `Disable ${name}` }).click()
  await expect(rowOf(page, name)).toContainText('disabled')
}

test('a user is added, chooses a password, purges, and may do what was granted since', async ({
  page,
  browser,
}) => {
  const link = await addUser(page, 'maria')
  await expect(page.getByText('shown once: send it to maria')).toBeVisible()
  await expect(rowOf(page, 'maria')).toContainText('invited, link until')
  await page.getByRole('link', { name: 'Done' }).click()
  await expect(page.getByLabel('Link', { exact: true })).toHaveCount(0)

  const theirs = await followLink(browser, link)
  await purge(theirs, 'https://demo.localhost/by-maria')
  await expect(theirs.getByText('Complete', { exact: true })).toBeVisible()
  await page.goto('/records')
  await expect(rowOf(page, 'demo.localhost/by-maria').first()).toContainText('maria')
  await page.goto('/access')
  await expect(rowOf(page, 'maria')).toContainText('active')

  // A page that was open before finds out by itself, a new one says it at once.
  await openPurge(theirs)
  await paste(theirs, 'https://demo.localhost/refused')
  await grant(page, 'maria', 'Read only')
  await expect(theirs.getByText('One line needs the right to purge demo.localhost')).toBeVisible()
  await theirs.goto('/purge')
  await expect(theirs.getByRole('button', { name: /^(Purge \d|Nothing)/ })).toBeDisabled()
  await theirs.goto('/access')
  await expect(theirs.getByText('You may see who is here and change nothing.')).toBeVisible()
  await expect(rowOf(theirs, 'maria')).toBeVisible()
  for (const act of ['Add a user', 'Change', 'Sign-in', 'New link', 'Disable'])
    await expect(theirs.getByRole('link', { name: act })).toHaveCount(0)
  await theirs.goto('/access?add=1')
  await expect(theirs.getByLabel('Name', { exact: true })).toHaveCount(0)
  await theirs.context().close()
})

test('a user who is disabled is out at once, and in again when enabled', async ({ page, browser }) => {
  const theirs = await followLink(browser, await addUser(page, 'ines'))
  await theirs.goto('/records')
  // The stream that open pages listen to ends with the session, though nobody asks anything.
  const ended = theirs.evaluate(async () => {
    const { body } = await fetch('/api/progress')
    const reader = body?.getReader()
    while (reader && !(await reader.read()).done);
    return (await fetch('/api/progress')).status
  })
  await disable(page, 'ines')
  expect(await ended).toBe(401)
  // The open page goes by itself.
  await expect(theirs).toHaveURL(/sign-in\?next=/, { timeout: 5_000 })

  const signIn = async () => {
    await theirs.goto('/sign-in')
    await theirs.getByLabel('Name').fill('ines')
    await theirs.getByLabel('Password').fill(theirPassword)
    await theirs.getByRole('button', { name: 'Sign in' }).click()
  }
  await signIn()
  await expect(theirs.getByRole('alert').filter({ hasText: 'wrong' })).toBeVisible()
  await rowOf(page, 'ines').getByRole('button', { name: 'Enable' }).click()
  await expect(rowOf(page, 'ines')).toContainText('active')
  await signIn()
  await theirs.waitForURL(({ pathname }) => pathname === '/')
  await theirs.context().close()
})

test('a link works once, until a newer one, and a dead one looks like one of nobody', async ({
  page,
  browser,
}) => {
  const first = await addUser(page, 'jo')
  await page.goto('/access')
  await rowOf(page, 'jo').getByRole('link', { name: 'New link' }).click()
  await page.getByRole('button', { name: 'Make the link for jo' }).click()
  await expect(page.getByLabel('Link', { exact: true })).toHaveValue(/welcome/)
  const second = await page.getByLabel('Link', { exact: true }).inputValue()
  const theirs = await followLink(browser, second)

  const context = await browser.newContext(stranger)
  const other = await context.newPage()
  const said = new Set<string>()
  for (const dead of [first, second, second.replace(/.{8}$/, 'AAAAAAAA'), new URL('/welcome', second).href]) {
    await other.goto(dead)
    await expect(other.getByRole('heading', { name: 'This link does not work' })).toBeVisible()
    said.add(await other.locator('main').innerText())
  }
  expect(said.size).toBe(1)
  expect(await axe(other)).toEqual([])
  await other.getByRole('link', { name: 'Go to sign in' }).click()
  await expect(other).toHaveURL(/sign-in/)
  await context.close()
  await theirs.context().close()
})

test('the owner and oneself are not changed, and a name is taken once', async ({ page, browser }) => {
  await page.goto('/access')
  await expect(rowOf(page, owner.name)).toContainText('Owner, everything')
  await expect(rowOf(page, owner.name).getByRole('link')).toHaveCount(0)

  const theirs = await followLink(browser, await addUser(page, 'admin'))
  await grant(page, 'admin', 'Everything')
  await theirs.goto('/access')
  await expect(rowOf(theirs, 'admin').getByRole('link')).toHaveText(['New link'])

  await theirs.getByRole('link', { name: 'Add a user' }).click()
  const name = theirs.getByLabel('Name', { exact: true })
  await name.fill('ADMIN')
  await theirs.getByRole('button', { name: 'Add the user, show the link' }).click()
  await expect(theirs.getByText('There is a user ADMIN already. Choose another name.')).toBeVisible()
  await expect(name).toHaveValue('ADMIN')
  await theirs.context().close()
})

test('users are added, let in, changed and disabled without script', async ({ browser, signedIn }) => {
  const admin = await browser.newContext({ storageState: signedIn, javaScriptEnabled: false })
  const page = await admin.newPage()
  const link = await addUser(page, 'plain')
  const context = await browser.newContext({ ...stranger, javaScriptEnabled: false })
  const theirs = await context.newPage()
  await theirs.goto(link)
  await expect(theirs.getByRole('heading', { name: 'Welcome, plain' })).toBeVisible()
  await theirs.getByLabel('Password').fill(theirPassword)
  await theirs.getByRole('button', { name: 'Set the password, sign in' }).click()
  await expect(theirs).toHaveURL(/purge$/)

  await grant(page, 'plain', 'Read only')
  await disable(page, 'plain')
  await theirs.goto('/records')
  await expect(theirs).toHaveURL(/sign-in/)
  await rowOf(page, 'plain').getByRole('button', { name: 'Enable' }).click()
  await expect(rowOf(page, 'plain')).toContainText('active')
  await context.close()
  await admin.close()
})

test('the page of a link passes axe, and says whose session it takes the place of', async ({ page }) => {
  const link = await addUser(page, 'last')
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'Welcome, last' })).toBeVisible()
  await expect(page.getByText(`You are signed in as ${owner.name} in this browser.`)).toBeVisible()
  expect(await axe(page)).toEqual([])
})
