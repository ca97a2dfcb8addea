import { Fault } from '#lib/core/fault.ts'

/**
 * Adds what a pasted list names, one thing a line with its fields between commas or tabs.
 *
 * @returns how many lines were added
 * @throws Fault InvalidList with the first line that was refused and why
 */
export async function addList(text: string, add: (fields: string[]) => Promise<void>): Promise<number> {
  let added = 0
  for (const [index, row] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (row.trim() === '') continue
    try {
      await add(row.split(/[\t,]/).map((field) => field.trim()))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { code, message, details } = error
      const fault = [{ code, message, details }]
      throw new Fault('InvalidList', { line: index + 1, reason: message, fault })
    }
    added += 1
  }
  return added
}
