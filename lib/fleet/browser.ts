import { existsSync } from 'node:fs'

/** Where browsers of the Chromium family are installed, by system; the one without windows is fastest. */
const known: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    '/usr/bin/chromium-headless-shell',
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
 * The browser that end-to-end tests drive: the one asked for, Playwright's own, the one that npm brings for
 * Linux on x64, or an installed one.
 *
 * @param asked  a path that the environment gives
 */
export async function findBrowser(asked?: string): Promise<string | undefined> {
  if (asked) return asked
  const { chromium } = await import('@playwright/test')
  const own = chromium.executablePath()
  if (existsSync(own)) return own
  return (await packagedBrowser()) ?? known[process.platform]?.find(existsSync)
}

/** Unpacks it at the first use, which takes seconds; npm leaves it out on a Node that it does not name. */
async function packagedBrowser(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const name = '@sparticuz/chromium'
  try {
    const { default: chromium } = (await import(name)) as { default: { executablePath(): Promise<string> } }
    return await chromium.executablePath()
  } catch {
    return undefined
  }
}
