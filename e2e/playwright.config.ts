import { defineConfig, devices } from '@playwright/test'
import { findBrowser } from '#lib/fleet/browser.ts'
import { startSettings } from '#lib/settings.ts'

const { browser, ci } = startSettings()
const executablePath = await findBrowser(browser)

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './build.ts',
  // Each has a product of its own, which serves its files one after the other.
  workers: 2,
  forbidOnly: ci,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    locale: 'en-US',
    // A trace of each test takes a fifth of its time, and nobody opens one there.
    trace: ci ? 'off' : 'retain-on-failure',
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        // Root has no sandbox, and nothing here visits a stranger.
        '--no-sandbox',
        '--disable-gpu',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
      ],
    },
  },
})
