import type { Reporter, TestModule } from 'vitest/node'
import { fail, noReport, type Report, writeReport } from './report.ts'

/** Errors that no test waited for count too: Vitest fails for them and names no test. */
export default class implements Reporter {
  onTestRunEnd(...[modules, unhandled]: Parameters<Required<Reporter>['onTestRunEnd']>) {
    const report = noReport()
    for (const module of modules) readModule(report, module)
    for (const error of unhandled)
      fail(report, 'an error that no test waited for', [{ message: error.stack ?? error.message }])
    writeReport(report)
  }
}

function readModule(report: Report, module: TestModule) {
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result()
    if (state === 'passed') report.passed += 1
    else if (state === 'failed') fail(report, `${module.relativeModuleId} › ${test.fullName}`, errors)
    else report.skipped += 1
  }
  // What breaks outside its tests: an import, or a hook.
  const suites = [module, ...module.children.allSuites()]
  for (const suite of suites)
    if (suite.errors().length > 0)
      fail(report, `${module.relativeModuleId}, outside its tests`, suite.errors())
}
