/** Whether a part of an answer is what it has to be. Freshet's packages are not there for the command line. */
export type Check<Type> = (value: unknown) => value is Type

/** What a check lets through. */
export type Checked<Own> = Own extends Check<infer Type> ? Type : never

export const text: Check<string> = (value) => typeof value === 'string'

export const count: Check<number> = (value) => typeof value === 'number'

/** A time that is not known yet is null. */
export const time: Check<number | null> = (value) => value === null || count(value)

export const oneOf =
  <Word extends string>(...words: Word[]): Check<Word> =>
  (value): value is Word =>
    words.some((word) => word === value)

export const listOf =
  <One>(one: Check<One>): Check<One[]> =>
  (value): value is One[] =>
    Array.isArray(value) && value.every(one)

/** An object with these fields; others may stand beside them. */
export const withFields =
  <Fields extends object>(fields: { [Name in keyof Fields]: Check<Fields[Name]> }): Check<Fields> =>
  (value): value is Fields =>
    Object.entries<Check<unknown>>(fields).every(([name, fits]) => fits(Object(value)[name]))

/** Numbers of tasks with commas between them; at least one. */
export const taskIds: Check<string> = (value): value is string => text(value) && /^\d+(,\d+)*$/.test(value)
