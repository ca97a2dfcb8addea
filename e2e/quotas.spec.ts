import en from '#messages/en.json' with { type: 'json' }
import zhCN from '#messages/zh-CN.json' with { type: 'json' }
import { expect, openPurge, test } from './fixtures.ts'
import { addUser, followLink, rowOf } from './people.ts'

const stories = [
  { locale: 'en', words: en, pool: 'regex', before: / of 20/, after: ' of 500', threshold: '10 Gbit/s' },
  {
    locale: 'zh-CN',
    words: zhCN,
    pool: 'ignore-parameters',
    before: /\/100/,
    after: '/500',
    threshold: '200 Mbit/s',
  },
] as const

for (const { locale, words, pool, before, after, threshold } of stories) {
  const t = words.quotaPage
  const [wanted, granted] = [1_000, 500]

  test(`more is asked for, approved by the owner, and the meter grows, ${locale}`, async ({
    page,
    context,
    browser,
    baseURL,
  }) => {
    await context.addCookies([{ name: 'locale', value: locale, url: baseURL ?? '' }])
    const name = `asks-${locale}`
    const theirs = await followLink(browser, await addUser(page, name, words), words)
    await theirs.goto('/quotas')
    const use = theirs.getByRole('region', { name: t.today }).getByRole('row')
    await expect(use.filter({ hasText: words.method[pool] })).toContainText(before)

    const ask = async (amount: number) => {
      await theirs.goto('/quotas')
      await theirs.getByRole('link', { name: t.ask }).click()
      await theirs.getByLabel(t.askPool).selectOption(words.method[pool])
      await theirs.getByLabel(t.askWanted).fill(String(amount))
      await theirs.getByLabel(t.askReason).fill('relaunch')
      await theirs.getByLabel(t.askPeak).fill('12000')
      await theirs.getByRole('button', { name: t.askSubmit }).click()
    }
    await ask(5)
    await expect(theirs.getByText(threshold)).toBeVisible()
    await expect(theirs.getByLabel(t.askWanted)).toHaveAttribute('aria-invalid', 'true')
    const waiting = theirs.getByRole('region', { name: t.waiting }).getByRole('row')
    await ask(wanted)
    await expect(waiting.filter({ hasText: 'relaunch' })).toContainText('12 Gbit/s')
    await expect(theirs.getByRole('link', { name: t.approve })).toHaveCount(0)
    await theirs.getByRole('button', { name: t.withdraw }).click()
    await expect(waiting).toHaveCount(0)
    await ask(wanted)
    await expect(waiting.filter({ hasText: 'relaunch' })).toBeVisible()

    await page.goto('/quotas')
    const asked = page.getByRole('region', { name: t.waiting }).getByRole('row').filter({ hasText: name })
    await asked.getByRole('link', { name: t.approve, exact: true }).click()
    await page.getByLabel(t.granted).fill(String(granted))
    await page.getByLabel(t.note).fill('half will do')
    await page.getByRole('button', { name: t.approveYes, exact: true }).click()
    const decided = page.getByRole('region', { name: t.history }).getByRole('row')
    const decision = decided.filter({ hasText: 'half will do' }).filter({ hasText: name })
    await expect(decision).toContainText(t.approvedOther.replace('{granted, number}', String(granted)))
    await expect(asked).toHaveCount(0)

    await theirs.goto('/quotas')
    await expect(use.filter({ hasText: words.method[pool] })).toContainText(after)
    await theirs.goto('/purge')
    await theirs.getByRole('radio', { name: words.method[pool] }).check({ force: true })
    const left = words.quota.left.replace('{left, number}', '\\d+').replace('{limit, number}', '500')
    await expect(theirs.getByText(new RegExp(left))).toBeVisible()
    await theirs.context().close()
  })
}

test('a request is rejected with a note, and nothing changes', async ({ page }) => {
  await page.goto('/quotas?ask=tag')
  await page.getByLabel('How much a day').fill('9000')
  await page.getByLabel('Why').fill('for a test')
  await page.getByRole('button', { name: 'Send the request' }).click()
  await rowOf(page, 'for a test').getByRole('link', { name: 'Reject' }).click()
  await page.getByLabel('Note (optional)').fill('not for a test')
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  await expect(rowOf(page, 'not for a test')).toContainText('rejected')
  await expect(page.getByRole('region', { name: 'Today' }).getByRole('row', { name: /^Tag/ })).toContainText(
    'of 100',
  )
})

test('the owner sets a limit of the account, and an empty field is the vendor’s again', async ({ page }) => {
  const queue = page.getByRole('row', { name: /^Prefetch queue/ })
  const set = async (value: string) => {
    await page.goto('/quotas')
    await page.getByRole('link', { name: 'Change the limits' }).click()
    await page.getByLabel('URLs in the prefetch queue').fill(value)
    await page.getByRole('button', { name: 'Save the limits' }).click()
    await expect(page).toHaveURL(/quotas$/)
  }
  await set('77000')
  await expect(queue).toContainText('of 77,000')
  await page.goto('/quotas?limits=1')
  await expect(page.getByLabel('URLs in the prefetch queue')).toHaveValue('77000')
  await expect(page.getByLabel('URL: In a day')).toHaveAttribute('placeholder', '10000')
  await set('')
  await expect(queue).toContainText('of 100,000')
})

test('the form to purge shows the same numbers', async ({ page }) => {
  await page.goto('/quotas')
  const row = page.getByRole('region', { name: 'Today' }).getByRole('row', { name: /^URL/ })
  const [, used = '', limit = ''] = /([\d,]+) of ([\d,]+)/.exec(await row.innerText()) ?? []
  const left = Number(limit.replace(/,/g, '')) - Number(used.replace(/,/g, ''))
  await openPurge(page)
  await expect(page.getByText(`${left.toLocaleString('en')} of ${limit} left today`)).toBeVisible()
})
