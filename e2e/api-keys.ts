import { expect, type Page } from '@playwright/test'

export type AccessKey = { id: string; secret: string }

/** Makes an access key through the page, and reads its secret, which is shown this once. */
export async function createKey(page: Page, user: string): Promise<AccessKey> {
  await page.goto('/access/keys?create=')
  await page.getByLabel('User', { exact: true }).selectOption({ label: user })
  await page.getByRole('button', { name: 'Create the key' }).click()
  const secret = page.getByLabel('Secret')
  await expect(secret).toHaveValue(/^\w{30}$/)
  const id = await page.getByLabel(/^Key/).inputValue()
  return { id, secret: await secret.inputValue() }
}
