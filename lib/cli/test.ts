import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { extendEnvironment, startSettings } from '#lib/settings.ts'
import { build } from './build.ts'
import { isLocked } from './lock.ts'
import { browser, installMissing, needs } from './machine.ts'
import { runInForeground } from './processes.ts'
import { type Report, readReport } from './report.ts'

/**
 * Runs every test there is; arguments choose files, in Vitest and in Playwright.
 *
 * @throws Error where CI=true and something would be left out
 */
export async function runTests(patterns: string[]): Promise<void> {
  const { stateFolder, ci } = startSettings()
  const missing = await installMissing(needs.tests)
  if (ci && missing.length > 0)
    throw new Error(`CI=true leaves nothing out, and this is missing: ${missing.join(', ')}.`)
  // A console that runs here must not lose the pages it serves to a newer build.
  if (isLocked(stateFolder)) extendEnvironment({ FRESHET_BUILD: '.next-test' })
  await build(path.join(stateFolder, 'logs'))
  const reports = path.join(stateFolder, 'reports')
  mkdirSync(reports, { recursive: true })
  const done = [await runVitest(reports, patterns)]
  if (!missing.includes(browser.program)) done.push(await runPlaywright(reports, patterns))
  finish(done, missing, ci)
}

async function runVitest(reports: string, patterns: string[]): Promise<Report> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--passWithNoTests', '--reporter=default']
  return run('vitest', reports, [...args, '--reporter=./lib/cli/report-vitest.ts', ...patterns])
}

async function runPlaywright(reports: string, patterns: string[]): Promise<Report> {
  const args = ['node_modules/@playwright/test/cli.js', 'test', '-c', 'e2e', '--pass-with-no-tests']
  return run('playwright', reports, [...args, '--reporter=list,./lib/cli/report-playwright.ts', ...patterns])
}

async function run(runner: string, reports: string, args: string[]): Promise<Report> {
  const file = path.join(reports, `${runner}.json`)
  rmSync(file, { force: true })
  return readReport(file, runner, await runInForeground(args, { FRESHET_REPORT: file }))
}

/** Failures stand last, because that is where one looks, and what a CI keeps. */
function finish(reports: Report[], missing: string[], ci: boolean) {
  const sum = (count: (report: Report) => number) => reports.reduce((total, one) => total + count(one), 0)
  const skipped = sum((report) => report.skipped)
  const failed = sum((report) => report.failures.length) + (ci ? skipped : 0)
  if (missing.length > 0)
    console.log(`Left out, because it is missing here: what needs ${missing.join(', ')}.`)
  if (skipped > 0) console.log(`${skipped} skipped${ci ? ', which CI=true counts as failed' : ''}.`)
  for (const { what, message } of reports.flatMap((report) => report.failures))
    console.log(`✗ ${what}\n  ${message.split('\n').slice(0, 12).join('\n  ')}\n`)
  console.log(`${sum((report) => report.passed)} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
