import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { findBrowser } from '#lib/fleet/browser.ts'
import { varnishAvailable } from '#lib/fleet/real-caches.ts'
import { startSettings } from '#lib/settings.ts'

/** A program that is not on npm, and the Debian packages that hold it. */
type Need = { program: string; packages: string[]; isPresent: () => boolean | Promise<boolean> }

const varnish: Need = {
  program: 'Varnish with varnish-modules',
  packages: ['varnish', 'varnish-modules'],
  isPresent: () => quietly(varnishAvailable),
}
/** The browser for the end-to-end tests. */
export const browser: Need = {
  program: 'a browser of the Chromium family',
  packages: ['chromium-headless-shell'],
  isPresent: async () => (await findBrowser(startSettings().browser)) !== undefined,
}
const onPath = (program: string): Need => ({
  program,
  packages: [program],
  isPresent: () => spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined,
})

/** What the tests and the benchmarks run besides ourselves. */
export const needs = {
  tests: [varnish, browser, onPath('python3')],
  benchmarks: [varnish, browser, onPath('nginx'), onPath('wrk'), onPath('curl'), onPath('redis-server')],
}

/**
 * Installs what is missing where that is one command: as root on Debian.
 *
 * @returns the programs that are still missing
 */
export async function installMissing(needs: Need[]): Promise<string[]> {
  const missing = await findMissing(needs)
  if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    install(missing.flatMap((need) => need.packages))
  }
  return (await findMissing(missing)).map((need) => need.program)
}

async function findMissing(needs: Need[]): Promise<Need[]> {
  const present = await Promise.all(needs.map((need) => need.isPresent()))
  return needs.filter((_, index) => !present[index])
}

function quietly(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}

function install(packages: string[]) {
  console.log(`Installing ${packages.join(', ')} with apt-get…`)
  const restore = keepServicesDown()
  // The lists may be missing or stale; only then is the slow update worth it.
  if (!aptGet(['install', '-y', '--no-install-recommends', ...packages])) {
    aptGet(['update'])
    aptGet(['install', '-y', '--no-install-recommends', ...packages])
  }
  restore()
}

function aptGet(args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8' })
  if (status !== 0) console.error(stderr.trim())
  return status === 0
}

/** Debian starts what it installs, on the ports that a real Varnish here would want. */
function keepServicesDown(): () => void {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return () => {}
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  return () => rmSync(policy, { force: true })
}
