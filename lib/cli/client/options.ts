import { parseArgs } from 'node:util'
import { type CommandName, everywhere, manuals, type OptionName, options } from './manual.ts'

/** The command was not understood, so nothing was done. */
export class Misuse extends Error {
  exitCode = 2
  code = 'Misuse'
}

/**
 * Reads what stands after the name of a command.
 *
 * @throws Misuse for an option that the command does not have, or one without its value
 */
export function readOptions<Name extends CommandName>(name: Name, args: string[]) {
  type Taken = (typeof manuals)[Name]['options'][number] | (typeof everywhere)[number]
  const taken: OptionName[] = [...manuals[name].options, ...everywhere]
  const known = Object.fromEntries(taken.map((option) => [option, options[option]]))
  try {
    return parseArgs({ args, options: known as Pick<typeof options, Taken>, allowPositionals: true })
  } catch (error) {
    throw new Misuse(`${misuseOf(error as Error, taken)} “freshet help ${name}” shows all options.`)
  }
}

/** Node's sentence begins with the option; what follows in it is advice for programmers. */
function misuseOf({ message }: Error, known: readonly string[]): string {
  const unknown = /^Unknown option '(-+[^']*)'/.exec(message)?.[1]
  if (unknown === undefined) return `${message.split(/[.\n]/)[0]}.`
  return `There is no option ${unknown} here.${nearest(
    unknown,
    known.map((option) => `--${option}`),
  )}`
}

/** A guess at what was meant, as a sentence; empty where nothing is near. */
export function nearest(given: string, known: readonly string[]): string {
  const [best] = known
    .map((name) => ({ name, apart: distance(given, name) }))
    .filter(({ name, apart }) => apart <= Math.max(2, name.length / 3))
    .sort((a, b) => a.apart - b.apart)
  return best ? ` Did you mean ${best.name}?` : ''
}

/** How many characters have to be put in, taken out or changed (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (const [i, a] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, b] of [...to].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)))
    row = next
  }
  return row.at(-1) ?? 0
}

const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A time such as `90s`, `10m`, `2h` or `1d`, in ms. */
export function readDuration(option: OptionName, given: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
  const ms = Number(count) * (unitMs[unit] ?? 0)
  if (!(ms > 0)) throw new Misuse(`--${option} is “${given}”. Write a time such as 90s, 10m or 2h.`)
  return ms
}

/** An option that takes one of a few words. */
export function readChoice<Word extends string>(
  option: OptionName,
  given: string | undefined,
  words: readonly Word[],
): Word | undefined {
  const word = words.find((one) => one === given)
  if (given !== undefined && word === undefined)
    throw new Misuse(`--${option} is “${given}”. Write ${words.join(' or ')}.`)
  return word
}
