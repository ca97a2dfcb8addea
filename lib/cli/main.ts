import { existsSync } from 'node:fs'

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

/** Finds the command by its longest name, `user reset` before `user`. */
async function run(args: string[]): Promise<void> {
  const name = [args.slice(0, 2).join(' '), args[0] ?? ''].find((given) => Object.hasOwn(commands, given))
  const load = name && commands[name]
  if (!load)
    throw new Error(`Freshet has no command “${args.join(' ')}”; it has ${Object.keys(commands).join(', ')}.`)
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
if (existsSync('.env')) process.loadEnvFile('.env')
try {
  await run(process.argv.slice(2))
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
