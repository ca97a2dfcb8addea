import { expect, test } from './fixtures.ts'

// Named to run last: the other stories purge the demo.
test('the demo is removed with one click', async ({ page }) => {
  await page.goto('/domains')
  await page.getByRole('button', { name: 'Remove the demo' }).click()
  await expect(page.getByRole('row', { name: /demo\.localhost/ })).toHaveCount(0)
  await page.goto('/caches')
  await expect(page.getByRole('row', { name: /Demo POP/ })).toHaveCount(0)
})
