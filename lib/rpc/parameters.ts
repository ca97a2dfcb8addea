import { Fault } from '#lib/core/fault.ts'

/** The parameters of a call, each read by what it should be. */
export class Parameters {
  readonly #given: ReadonlyMap<string, string>

  constructor(given: ReadonlyMap<string, string>) {
    this.#given = given
  }

  /** A parameter that may be left out; empty is left out too. */
  text(name: string): string | undefined {
    return this.#given.get(name) || undefined
  }

  /** @throws Fault MissingParameter */
  required(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw new Fault('MissingParameter', { field: name })
    return value
  }

  /** @throws Fault InvalidParameter */
  flag(name: string): boolean {
    const value = this.text(name) ?? 'false'
    if (!/^(true|false)$/i.test(value)) throw wrong(name, value, 'Write true or false.')
    return value.toLowerCase() === 'true'
  }

  /** @throws Fault InvalidParameter */
  whole(name: string, { usual, most }: { usual: number; most: number }): number {
    const value = this.text(name) ?? String(usual)
    const number = /^\d{1,9}$/.test(value) ? Number(value) : 0
    if (number < 1 || number > most) throw wrong(name, value, `Write a whole number from 1 to ${most}.`)
    return number
  }

  /** One of some words, in any case. @throws Fault InvalidParameter */
  word<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const word = words.find((one) => one === value.toLowerCase())
    if (word === undefined) throw wrong(name, value, `Write ${words.join(' or ')}.`)
    return word
  }
}

export function wrong(field: string, given: string, rule: string): Fault {
  return new Fault('InvalidParameter', { field, given: given.slice(0, 200), rule: `${field}: ${rule}` })
}
