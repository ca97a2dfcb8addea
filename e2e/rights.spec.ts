import type { Locator, Page } from '@playwright/test'
import { createKey } from './api-keys.ts'
import { axe, choose, expect, openPurge, paste, purge, test } from './fixtures.ts'
import { addUser, followLink, hold, rowOf } from './people.ts'

// One account goes through all of it.
test.describe.configure({ mode: 'serial' })

const submit = (page: Page): Locator => page.getByRole('button', { name: /^(Purge|Prefetch) \d|^Nothing/ })

/** A policy, written as JSON through the editor. */
async function writePolicy(page: Page, name: string, statements: object[]): Promise<void> {
  await page.goto('/access/policies?add=1')
  await expect(page.locator('.cm-content')).toBeVisible()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await paste(page, JSON.stringify({ Version: '1', Statement: statements }, null, 2))
  await page.getByRole('button', { name: 'Save the policy' }).click()
  await page.waitForURL(`**/access/policies/${name}`)
}

let editor: Page
let auditor: Page

test('an owner makes an editor, who may purge URLs, and an auditor', async ({ page, browser }) => {
  await writePolicy(page, 'urls-only', [
    {
      Effect: 'Allow',
      Action: 'dcdn:RefreshDcdnObjectCaches',
      Resource: 'acs:dcdn:*:1:domain/demo.localhost',
      Condition: { StringEquals: { 'freshet:Method': 'url' } },
    },
    { Effect: 'Allow', Action: ['dcdn:Describe*', 'freshet:List*'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['freshet:PreviewSubmission', 'freshet:RequestAccess', 'freshet:DescribeOverview'],
      Resource: '*',
    },
  ])
  await expect(page.getByText('to dcdn:RefreshDcdnObjectCaches on demo.localhost, by URL.')).toBeVisible()
  editor = await followLink(browser, await addUser(page, 'editor-of-news'))
  auditor = await followLink(browser, await addUser(page, 'auditor'))
  await hold(page, 'editor-of-news', ['urls-only'])
  await hold(page, 'auditor', ['Auditor'])
})

test('the editor is refused a pattern with a reason, and asks for it', async () => {
  await openPurge(editor)
  await paste(editor, 'https://demo.localhost/about.html')
  await expect(submit(editor)).toHaveText(/Purge 1 URL/)
  await choose(editor, 'Method', 'Regular expression')
  await paste(editor, 'https://demo.localhost/images/.*.svg')
  await expect(editor.locator('.cm-why')).toContainText('You may not submit this for demo.localhost.')
  await expect(submit(editor)).toHaveText(/^Nothing/)
  const missing = editor.getByText(
    'One line needs the right to purge demo.localhost by “Regular expression”.',
  )
  await expect(missing).toBeVisible()
  await expect(editor.getByText(/^editor.* can grant it\.$/)).toBeVisible()
  expect(await axe(editor)).toEqual([])
  await editor.getByRole('link', { name: 'Ask for it' }).click()
  await expect(editor.getByLabel('Domain', { exact: true })).toHaveValue('demo.localhost')
  await expect(editor.getByRole('checkbox', { name: 'Regular expression' })).toBeChecked()
  await expect(editor.getByLabel('Paths')).toHaveValue('/images/*')
  await editor.getByLabel('Why').fill('new pictures')
  await editor.getByRole('button', { name: 'Send the request' }).click()
  await expect(rowOf(editor, 'new pictures')).toContainText('waits')
  await expect(rowOf(editor, 'new pictures').getByRole('link', { name: 'Grant' })).toHaveCount(0)
})

test('it is granted for one path, and the editor succeeds there and nowhere else', async ({ page }) => {
  await page.goto('/')
  const asked = page
    .getByRole('listitem')
    .filter({ hasText: 'editor-of-news asks for a right on demo.localhost.' })
  await asked.getByRole('link', { name: 'Decide' }).click()
  await page.getByLabel('Paths').fill('/images/kettles/*')
  await page.getByRole('button', { name: 'Grant this' }).click()
  await expect(rowOf(page, 'new pictures')).toContainText('granted')
  await expect(rowOf(page, 'new pictures')).toContainText('paths /images/kettles/*')

  await openPurge(editor)
  await choose(editor, 'Method', 'Regular expression')
  await paste(editor, 'https://demo.localhost/images/.*.svg\nhttps://demo.localhost/images/kettles/.*.svg')
  await expect(editor.locator('.cm-why')).toHaveCount(1)
  await expect(submit(editor)).toHaveText(/Purge 1 /)
  await editor.keyboard.press('ControlOrMeta+Enter')
  await editor.waitForURL(/submission=/)
  await expect(editor.getByText('Complete', { exact: true })).toBeVisible()
})

test('the auditor sees it all and changes nothing', async () => {
  await auditor.goto('/records')
  await expect(rowOf(auditor, 'editor-of-news').first()).toBeVisible()
  for (const place of ['/access', '/access/groups', '/access/policies', '/access/keys', '/access/requests']) {
    await auditor.goto(place)
    await expect(auditor.getByRole('heading', { name: 'Access' })).toBeVisible()
    for (const act of [/^(Add|Create|Write)/, /^(Change|Disable|Grant|Refuse)$/])
      await expect(auditor.getByRole('main').getByRole('link', { name: act })).toHaveCount(0)
  }
  await auditor.goto('/access/policies/urls-only')
  await expect(auditor.getByText('freshet:Method')).toBeVisible()
  await expect(auditor.getByRole('button', { name: /Save/ })).toHaveCount(0)
  await auditor.goto('/purge')
  await expect(submit(auditor)).toBeDisabled()
  await expect(auditor.locator('.cm-why')).toContainText('You may not submit this for demo.localhost.')
})

test('users are found by name, and still found once something was done with one', async ({ page }) => {
  await page.goto('/access?q=AUDITOR')
  await expect(page.getByRole('row')).toHaveCount(2)
  expect(await axe(page)).toEqual([])
  await rowOf(page, 'auditor').getByRole('link', { name: 'Change' }).click()
  await page.getByRole('checkbox', { name: 'Read only' }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(rowOf(page, 'auditor')).toContainText('Read only')
  await expect(page.getByRole('row')).toHaveCount(2)
  await page.getByRole('searchbox', { name: 'Find by name' }).fill('nobody-of-this')
  await page.getByRole('button', { name: 'Find' }).click()
  await expect(page.getByText('There is nothing with “nobody-of-this” in its name.')).toBeVisible()
  await page.getByRole('link', { name: 'Show all' }).click()
  await expect(rowOf(page, 'editor-of-news')).toBeVisible()
})

test('who may only read finds what they asked for, and looking is no refusal', async ({ page, browser }) => {
  const reader = await followLink(browser, await addUser(page, 'reader'))
  await hold(page, 'reader', ['Read only'])
  await reader.goto('/access')
  await reader.getByRole('link', { name: 'Requests' }).click()
  await expect(reader.getByText('Nobody has asked for a right.')).toBeVisible()
  await page.goto('/audit?q=actor:reader')
  await expect(page.getByRole('cell', { name: 'Sign in' }).first()).toBeVisible()
  await expect(page.getByRole('cell', { name: 'refused' })).toHaveCount(0)
  await reader.context().close()
})

test('the simulator says the same as the product', async ({ page }) => {
  await page.goto('/access/simulate')
  await page.getByLabel('Who').selectOption({ label: 'editor-of-news' })
  await page.getByLabel('On what').fill('https://demo.localhost/images/kettles/.*.svg')
  await page.getByLabel('Method').selectOption('regex')
  await page.getByRole('button', { name: 'Ask' }).click()
  await expect(page.getByRole('heading', { name: 'editor-of-news may do this.' })).toBeVisible()
  await expect(page.getByText(/Statement 1 of granted-user-editor-of-news-\d+ decides\./)).toBeVisible()
  await page.getByLabel('On what').fill('https://demo.localhost/.*.svg')
  await page.getByRole('button', { name: 'Ask' }).click()
  await expect(page.getByRole('heading', { name: 'editor-of-news may not do this.' })).toBeVisible()
  await expect(page.getByText('it does not apply (freshet:Path).')).toBeVisible()
  await expect(rowOf(page, 'demo.localhost')).toContainText('under conditions')
})

test('on a phone the tab of an open page is in sight', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const [place, name] of [
    ['/access/simulate', 'Simulator'],
    ['/access', 'Users'],
  ] as const) {
    await page.goto(place)
    const tab = page.getByRole('main').getByRole('link', { name, exact: true })
    await expect(tab).toBeInViewport({ ratio: 0.9 })
  }
})

test('a user who is demoted sees it on an open page within five seconds', async ({ page }) => {
  await editor.goto('/records')
  await expect(rowOf(editor, 'editor-of-news').first()).toBeVisible()
  await hold(page, 'editor-of-news', [])
  await expect(editor.getByRole('heading', { name: 'Nothing was granted to you yet' })).toBeVisible({
    timeout: 5_000,
  })
  await editor.context().close()
  await auditor.context().close()
})

test('domains are granted in three clicks, and nothing else is seen', async ({ page, browser }) => {
  const theirs = await followLink(browser, await addUser(page, 'only-one-domain'))
  await hold(page, 'only-one-domain', [])
  await rowOf(page, 'only-one-domain').getByRole('link', { name: 'Grant' }).click()
  await page.getByRole('checkbox', { name: 'demo.localhost' }).check()
  await page.getByRole('button', { name: 'Grant this' }).click()
  await expect(rowOf(page, 'only-one-domain')).toContainText('granted-user-only-one-domain')
  await page.goto('/domains?add=1')
  await page.getByLabel('Domain', { exact: true }).fill('hidden.e2e.test')
  await page.getByRole('checkbox').first().check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(rowOf(page, 'hidden.e2e.test')).toBeVisible()

  await theirs.goto('/domains')
  await expect(rowOf(theirs, 'demo.localhost')).toBeVisible()
  await expect(rowOf(theirs, 'hidden.e2e.test')).toHaveCount(0)
  await theirs.goto('/records')
  await expect(rowOf(theirs, 'demo.localhost').first()).toBeVisible()
  await openPurge(theirs)
  await paste(theirs, 'https://demo.localhost/granted')
  await theirs.keyboard.press('ControlOrMeta+Enter')
  await theirs.waitForURL(/submission=/)
  await expect(theirs.getByText('Complete', { exact: true })).toBeVisible()
  for (const place of ['/', '/quotas', '/caches']) {
    await theirs.goto(place)
    await expect(theirs.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(theirs.getByText('This page failed')).toHaveCount(0)
  }
  await theirs.context().close()
})

test('whoever writes a policy sees which recent lines its paths cover', async ({
  page,
  context,
  baseURL,
}) => {
  const site = 'demo.localhost/sorted'
  await purge(page, `https://${site}/live/a.html`, `https://${site}/live/b.html`, `https://${site}/old.html`)
  await page.goto('/access/policies?add=1')
  await page.getByText('Change statement 1').click()
  const paths = page.getByLabel('Paths').first()
  await paths.press('End')
  await page.keyboard.type('/sorted/live/*')
  const covered = page.getByRole('list', { name: 'Covered', exact: true })
  await expect(covered.getByRole('listitem')).toHaveText([`${site}/live/a.html`, `${site}/live/b.html`])
  await expect(page.getByRole('list', { name: 'Not covered' })).toContainText(`${site}/old.html`)
  await expect(page.getByText(/^Covers 2 of \d+ recent lines on these domains\.$/)).toBeVisible()
  const below = page.getByRole('group', { name: 'Only', exact: true }).first()
  const before = await below.boundingBox()
  for (let key = 0; key < 'live/*'.length; key += 1) await page.keyboard.press('Backspace')
  await page.keyboard.type('*')
  await expect(covered.getByRole('listitem')).toHaveCount(3)
  expect(await below.boundingBox()).toEqual(before)
  expect(await axe(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)

  await page.getByLabel('Domains').first().fill('none.test')
  await expect(page.getByText('Nothing was submitted on these domains lately.')).toBeVisible()
  await context.addCookies([{ name: 'locale', value: 'zh-CN', url: baseURL ?? '' }])
  await page.reload()
  await page.getByText('修改语句 1').click()
  await page.getByLabel('路径').first().fill('/sorted/live/*')
  await expect(page.getByText(/^在这些域名最近的 \d+ 行中，涵盖 2 行。$/)).toBeVisible()
})

test('an older version of a policy is brought back, and a key shows its secret once', async ({ page }) => {
  await writePolicy(page, 'versions', [{ Effect: 'Allow', Action: 'dcdn:Describe*', Resource: '*' }])
  await page.getByText('Change statement 1').click()
  await page.getByRole('radio', { name: 'Deny' }).check()
  await page.getByLabel('Why it is changed').fill('by mistake')
  await page.getByRole('button', { name: 'Save as version 2' }).click()
  await expect(page.getByText('by mistake')).toBeVisible()
  await page.getByRole('link', { name: 'Show' }).click()
  await page.waitForURL(/version=1/)
  await page.getByRole('button', { name: 'Save as version 3' }).click()
  await expect(page.getByRole('listitem').first()).toContainText('3')
  await expect(page.getByText('Allow', { exact: true }).first()).toBeVisible()

  await addUser(page, 'keyed')
  const { id, secret } = await createKey(page, 'keyed')
  await page.getByRole('link', { name: 'Done' }).click()
  await page.waitForURL(/keys$/)
  await page.reload()
  await expect(rowOf(page, id)).toContainText('enabled')
  expect(await page.content()).not.toContain(secret)
})

test('who may see no records asks for them where that is said', async ({ page, browser }) => {
  await writePolicy(page, 'asks-only', [{ Effect: 'Allow', Action: 'freshet:RequestAccess', Resource: '*' }])
  const link = await addUser(page, 'outsider')
  await hold(page, 'outsider', ['asks-only'])
  const theirs = await followLink(browser, link)
  await theirs.goto('/records')
  await theirs.getByRole('link', { name: 'Ask for a right' }).click()
  await theirs.waitForURL(/requests\?ask=see/)
  await expect(theirs.getByLabel('Domain')).toBeVisible()
})
