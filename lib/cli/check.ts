import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startSettings } from '#lib/settings.ts'
import { generate } from './build.ts'

type Step = { name: string; args: string[][] }

const steps: Step[] = [
  {
    name: 'format and lint',
    args: [['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  },
  {
    name: 'types',
    args: [
      // Writes the types of routes, which pages may use.
      ['node_modules/next/dist/bin/next', 'typegen'],
      ['node_modules/typescript/bin/tsc', '--noEmit'],
    ],
  },
  { name: 'unused code', args: [['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints']] },
  { name: 'rules and architecture', args: [['node_modules/vitest/vitest.mjs', 'run', '--project', 'rules']] },
]

/** Everything that can be said of a change without a database or a browser, at once. */
export async function check(): Promise<void> {
  await generate(`${startSettings().stateFolder}/logs`)
  const results = await Promise.all(steps.map(run))
  if (results.includes(false)) process.exitCode = 1
}

async function run({ name, args }: Step): Promise<boolean> {
  const started = performance.now()
  let output = ''
  try {
    for (const one of args) output = await runNode(one)
    console.log(`✓ ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    return true
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as { stdout?: string; stderr?: string; message: string }
    console.log(`✗ ${name}\n${`${stdout}${stderr}`.trim() || output || message}\n`)
    return false
  }
}

async function runNode(args: string[]): Promise<string> {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 64_000_000 })
  return stdout
}
