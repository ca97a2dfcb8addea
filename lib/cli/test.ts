import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { extendEnvironment, startSettings } from '#lib/settings.ts'
import { build } from './build.ts'
import { isLocked } from './lock.ts'
import { browser, installMissing, needs } from './machine.ts'
import { runInForeground } from './processes.ts'

type Count = { passed: number; failed: number; skipped: number }

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
  const counts = [await runVitest(reports, patterns)]
  if (!missing.includes(browser.program)) counts.push(await runPlaywright(reports, patterns))
  finish(counts, missing, ci)
}

async function runVitest(reports: string, patterns: string[]): Promise<Count> {
  const report = path.join(reports, 'vitest.json')
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--passWithNoTests', ...reporters, ...patterns]
  return count(await runInForeground(args), report, readVitest)
}

async function runPlaywright(reports: string, patterns: string[]): Promise<Count> {
  const report = path.join(reports, 'playwright.json')
  rmSync(report, { force: true })
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const reporters = ['--reporter=list,json', '--pass-with-no-tests']
  const args = ['node_modules/@playwright/test/cli.js', 'test', '-c', 'e2e', ...reporters, ...patterns]
  return count(await runInForeground(args, env), report, readPlaywright)
}

type VitestReport = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

function readVitest(report: VitestReport): Count {
  // A file that breaks before its first test counts as one failure.
  const broken = report.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && !assertionResults.some((one) => one.status === 'failed')
  })
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
}

function readPlaywright({ stats }: PlaywrightReport): Count {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }
}

/** A runner that fails without a failed test, or without a report, is one failure too. */
function count<Report>(code: number, file: string, read: (report: Report) => Count): Count {
  const found = existsSync(file)
    ? read(JSON.parse(readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0 }
  return code !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found
}

function finish(counts: Count[], missing: string[], ci: boolean) {
  const sum = (key: keyof Count) => counts.reduce((total, one) => total + one[key], 0)
  const skipped = sum('skipped')
  const failed = sum('failed') + (ci ? skipped : 0)
  if (missing.length > 0)
    console.log(`Left out, because it is missing here: what needs ${missing.join(', ')}.`)
  if (skipped > 0) console.log(`${skipped} skipped${ci ? ', which CI=true counts as failed' : ''}.`)
  console.log(`${sum('passed')} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
