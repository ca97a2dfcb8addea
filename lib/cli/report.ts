import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** What a runner of tests leaves in the file that `FRESHET_REPORT` names. */
export type Report = { passed: number; skipped: number; failures: Failure[] }

/** What failed, and its message, without colours. */
export type Failure = { what: string; message: string }

export const noReport = (): Report => ({ passed: 0, skipped: 0, failures: [] })

export function fail(report: Report, what: string, errors: readonly { message?: string }[]) {
  const message = errors.map((error) => error.message ?? JSON.stringify(error)).join('\n')
  report.failures.push({ what, message: stripVTControlCharacters(message) })
}

export function writeReport(report: Report) {
  writeFileSync(process.env.FRESHET_REPORT ?? '', JSON.stringify(report))
}

/** A runner that fails without a failed test, or without a report, is one failure too. */
export function readReport(file: string, runner: string, code: number): Report {
  const report: Report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : noReport()
  if (code !== 0 && report.failures.length === 0)
    fail(report, runner, [{ message: `It ended with exit code ${code}, and named no test.` }])
  return report
}
