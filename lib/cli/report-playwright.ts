import type { FullConfig, Reporter, Suite, TestError } from '@playwright/test/reporter'
import { fail, noReport, writeReport } from './report.ts'

export default class implements Reporter {
  private readonly report = noReport()
  private suite: Suite | undefined

  onBegin(_config: FullConfig, suite: Suite) {
    this.suite = suite
  }

  /** What breaks outside its tests. */
  onError(error: TestError) {
    fail(this.report, 'outside the stories', [error])
  }

  onEnd() {
    for (const test of this.suite?.allTests() ?? []) {
      const outcome = test.outcome()
      if (outcome === 'expected') this.report.passed += 1
      else if (outcome === 'skipped') this.report.skipped += 1
      else
        fail(
          this.report,
          test.titlePath().filter(Boolean).join(' › '),
          test.results.flatMap((one) => one.errors),
        )
    }
    writeReport(this.report)
  }

  printsToStdio() {
    return false
  }
}
