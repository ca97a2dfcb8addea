import path from 'node:path'
import { build } from '#lib/cli/build.ts'
import { startSettings } from '#lib/settings.ts'

/** Builds before any product starts, or each of them would. */
export default async function buildOnce(): Promise<void> {
  await build(path.join(startSettings().stateFolder, 'logs'))
}
