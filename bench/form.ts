import type { Page } from '@playwright/test'
import { judge, percentile, tell } from './stand/numbers.ts'
import { signUp, startBrowser, withProduct } from './stand/product.ts'

// The purge form of a started product in Chromium: 10,000 lines pasted at once, one in a hundred bad,
// until the strip counts them and the first mark is drawn; then typing into the middle of them, each key
// until the frame after it is drawn.

const rounds = 10
const count = 10_000
const bad = count / 100
const keys = 200
const targets = { marksMs: 400, keyMs: 34 }

await withProduct('form', async (product) => {
  const browser = await startBrowser()
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await signUp(page, product)
  await page.locator('.cm-content').click()
  const marksMs: number[] = []
  for (let round = 0; round < rounds; round += 1) marksMs.push(await pasteAll(page, round))
  const keysMs = await type(page)
  await browser.close()
  tell(`${count} pasted lines until marked`, marksMs)
  tell('a key until drawn', keysMs)
  judge('pasted lines until marked, longest, ms', Math.max(...marksMs), { atMost: targets.marksMs })
  judge('a key until drawn, p95, ms', percentile(keysMs, 0.95), { atMost: targets.keyMs })
})

/** @returns ms from the paste until the lines are counted and the first mark is drawn */
async function pasteAll(page: Page, round: number): Promise<number> {
  const lines = Array.from({ length: count }, (_, at) =>
    at % 100 === 0 ? `demo.localhost/${round}/${at}` : `https://demo.localhost/${round}/file-${at}.css`,
  )
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('Delete')
  await page.locator('.cm-why').waitFor({ state: 'detached' })
  return page.evaluate(
    async ({ text, ready }) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', text)
      const startMs = performance.now()
      document
        .querySelector('.cm-content')
        ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
      const isMarked = () =>
        document.querySelector('#purge-strip')?.textContent?.includes(ready) &&
        document.querySelector('.cm-why')
      do await new Promise(requestAnimationFrame)
      while (!isMarked() && performance.now() - startMs < 30_000)
      return performance.now() - startMs
    },
    { text: lines.join('\n'), ready: `${(count - bad).toLocaleString('en')} ready` },
  )
}

/** Types into a line of many. @returns ms of each key until the frame after it was drawn */
async function type(page: Page): Promise<number[]> {
  await page.keyboard.press('ControlOrMeta+Home')
  for (let line = 0; line < 5; line += 1) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  await page.evaluate(() => {
    const times: number[] = []
    Object.assign(window, { times })
    window.addEventListener(
      'keydown',
      () => {
        const startMs = performance.now()
        // A message after the frame's callbacks comes when the frame has been handed over.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => times.push(performance.now() - startMs)
          port2.postMessage(null)
        })
      },
      true,
    )
  })
  for (let key = 0; key < keys; key += 1) {
    await page.keyboard.press(key % 20 === 19 ? 'Enter' : 'abcdefghij/-0123456789'.charAt(key % 20))
    await page.waitForTimeout(50)
  }
  return page.evaluate(() => (window as unknown as { times: number[] }).times)
}
