import { type CommandName, everywhere, manuals, type OptionName, options } from './manual.ts'
import { Misuse, nearest } from './options.ts'

/** `freshet help` and `freshet help COMMAND`. */
export async function help([name]: string[]): Promise<number> {
  if (name === undefined) {
    console.log(overview())
    return 0
  }
  if (!Object.hasOwn(manuals, name))
    throw new Misuse(`There is no command “${name}” to help with.${nearest(name, Object.keys(manuals))}`)
  console.log(helpWith(name as CommandName))
  return 0
}

function overview(): string {
  const commands = Object.values(manuals).map(({ usage, says }) => [usage, says] as const)
  return `Purges and prefetches on every cache of an organisation.

${table(commands)}

freshet help COMMAND shows options and examples.

Exit codes: 0 done, 1 failed on some cache, 2 misuse, 3 refused, 4 still waiting at the time-out.
On the machine of the console: start, console, worker, edge, account create, user reset, audit verify.`
}

/** What a command is for, with options and examples. */
export function helpWith(name: CommandName): string {
  const { usage, says, options: own, examples } = manuals[name]
  const rows = [...own, ...everywhere].map((option) => [spelled(option), options[option].says] as const)
  return `freshet ${usage}\n\n${says}\n\n${table(rows)}\n\nExamples:\n${examples.map((one) => `  ${one}`).join('\n')}`
}

function spelled(name: OptionName): string {
  const option = options[name]
  return 'value' in option ? `--${name} ${option.value}` : `--${name}`
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join('\n')
}
