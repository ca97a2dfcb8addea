import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { startSettings } from '#lib/settings.ts'
import { generate } from './build.ts'
import { installMissing, needs } from './machine.ts'

/** Runs one benchmark of `bench/`, by the name of its file. */
export async function bench([name = '']: string[]): Promise<void> {
  const file = `bench/${name}.ts`
  if (!/^[\w-]+$/.test(name) || !existsSync(file))
    throw new Error(`There is no benchmark “${name}”: ${names()}.`)
  const missing = await installMissing(needs.benchmarks)
  if (missing.length > 0) console.log(`Missing here, so what needs it may fail: ${missing.join(', ')}.`)
  await generate(`${startSettings().stateFolder}/logs`)
  await import(pathToFileURL(file).href)
}

function names(): string {
  const files = readdirSync('bench').filter((file) => file.endsWith('.ts'))
  return `npm run bench -- ${files.map((file) => file.slice(0, -3)).join(', ') || '(none yet)'}`
}
