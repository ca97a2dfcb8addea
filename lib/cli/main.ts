import { existsSync } from 'node:fs'
import type { ClientCommand } from './client/run.ts'

type Command = (args: string[]) => Promise<void>

/** What `freshet` can be asked. Each loads only when asked for: `start` must not wait for the others. */
const commands: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./start.ts')).start,
  test: async () => (await import('./test.ts')).runTests,
  check: async () => (await import('./check.ts')).check,
  bench: async () => (await import('./bench.ts')).bench,
  console: async () => (await import('./parts.ts')).runConsole,
  worker: async () => (await import('./parts.ts')).runWorker,
  edge: async () => (await import('./parts.ts')).runEdge,
  'audit verify': async () => (await import('./audit-verify.ts')).verify,
  'account create': async () => (await import('./account-create.ts')).createAccountNamed,
  'user reset': async () => (await import('./user-reset.ts')).resetUser,
}

/** What one asks a console for, from any machine: each is a file in client/, by which bin/freshet.mjs knows it. */
const clientCommands: Record<string, () => Promise<ClientCommand>> = {
  help: async () => (await import('./client/help.ts')).help,
  purge: async () => (await import('./client/purge.ts')).purge,
  prefetch: async () => (await import('./client/prefetch.ts')).prefetch,
  task: async () => (await import('./client/task.ts')).task,
  records: async () => (await import('./client/records.ts')).records,
  quota: async () => (await import('./client/quota.ts')).quota,
  configure: async () => (await import('./client/configure.ts')).configure,
}

async function run(args: string[]): Promise<void> {
  const [name = 'help', ...rest] = /^(-h|--help)$/.test(args[0] ?? '') ? [] : args
  const load = Object.hasOwn(clientCommands, name) && clientCommands[name]
  if (!load) return runHere(args)
  const { runClient } = await import('./client/run.ts')
  process.exitCode = await runClient(name, await load(), rest)
}

/** Finds the command by its longest name, `user reset` before `user`. */
async function runHere(args: string[]): Promise<void> {
  const name = [args.slice(0, 2).join(' '), args[0] ?? ''].find((given) => Object.hasOwn(commands, given))
  const load = name && commands[name]
  if (!load) {
    const known = [...Object.keys(clientCommands), ...Object.keys(commands)]
    const { Misuse, nearest } = await import('./client/options.ts')
    throw new Misuse(
      `Freshet has no command “${args.join(' ')}”; it has ${known.join(', ')}.${nearest(args[0] ?? '', known)}`,
    )
  }
  if (import.meta.url.includes('/node_modules/'))
    throw new Error(`“freshet ${name}” needs a clone of the repository; this is an installed package.`)
  if (existsSync('.env')) process.loadEnvFile('.env')
  const command = await load()
  await command(args.slice(name.split(' ').length))
}

/** Ends as if asked to when the process that started this one is gone. */
function endWithParent() {
  if (!process.channel) return
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}

endWithParent()
try {
  await run(process.argv.slice(2))
} catch (error) {
  console.error((error as Error).message)
  process.exit((error as { exitCode?: number }).exitCode ?? 1)
}
