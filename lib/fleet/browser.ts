import { existsSync } from 'node:fs'

/** Where browsers of the Chromium family are installed, by system. */
const known: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
}

/**
 * The browser that end-to-end tests drive: the one asked for, Playwright's own, an installed one, or the
 * one that npm brings for Linux on x64.
 *
 * @param asked  a path that the environment gives
 */
export async function findBrowser(asked?: string): Promise<string | undefined> {
  if (asked) return asked
  const { chromium } = await import('@playwright/test')
  const installed = [chromium.executablePath(), ...(known[process.platform] ?? [])].find(existsSync)
  return installed ?? packagedBrowser()
}

/** Unpacks it at the first use, which takes seconds; npm leaves it out on a Node that it does not name. */
async function packagedBrowser(): Promise<string | undefined> {
  const name = '@sparticuz/chromium'
  try {
    const { default: chromium } = (await import(name)) as { default: { executablePath(): Promise<string> } }
    return await chromium.executablePath()
  } catch {
    return undefined
  }
}
