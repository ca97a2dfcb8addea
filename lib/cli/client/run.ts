import type { CommandName } from './manual.ts'

/** A command of whoever purges: it talks to a console, and returns its exit code. */
export type ClientCommand = (args: string[]) => Promise<number>

type Failure = Error & { exitCode?: number; code?: string; requestId?: string; more?: object }

/** Runs a command; what goes wrong is a sentence on the standard error, and with `--json` a document as well. */
export async function runClient(name: string, command: ClientCommand, args: string[]): Promise<number> {
  // Whoever reads us may have seen enough, as `head` does.
  process.stdout.on('error', () => process.exit())
  try {
    if (name !== 'help' && args.some((given) => given === '--help' || given === '-h')) {
      const { helpWith } = await import('./help.ts')
      console.log(helpWith(name as CommandName))
      return 0
    }
    return await command(args)
  } catch (error) {
    const { message, exitCode = 1, code = 'Failed', requestId, more } = error as Failure
    console.error(message)
    if (args.includes('--json'))
      console.log(JSON.stringify({ Code: code, Message: message, RequestId: requestId, ...more }))
    return exitCode
  }
}
