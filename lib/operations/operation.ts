import type { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { evaluate } from '#lib/core/policy.ts'

/** What a caller can ask for. The input is checked, the policies are asked, and only then it runs. */
export type Operation<Input, Answer> = {
  action: string
  (caller: Caller, input: Input): Promise<Answer>
}

/** Makes an operation, so that none can forget to check its input or to ask the policies. */
export function operation<Schema extends z.ZodType, Answer>(definition: {
  action: string
  input: Schema
  /** Names of what it acts on, as soon as that can be told; all of them must be allowed. */
  resources: (input: z.output<Schema>, caller: Caller) => string[] | Promise<string[]>
  run: (caller: Caller, input: z.output<Schema>) => Promise<Answer>
}): Operation<z.input<Schema>, Answer> {
  const call = async (caller: Caller, given: z.input<Schema>) => {
    const input = checked(definition.input, given)
    permit(caller, definition.action, await definition.resources(input, caller))
    return definition.run(caller, input)
  }
  return Object.assign(call, { action: definition.action })
}

/** Goes on only if a caller may act on all of these resources. @throws Fault NoPermission */
export function permit(caller: Caller, action: string, resources: readonly string[]): void {
  const decision = evaluate(caller, action, resources)
  if (!decision.allowed) throw new Fault('NoPermission', decision.details)
}

/** What was given, in the shape that the schema says. @throws Fault InvalidParameter */
export function checked<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw invalid(parsed.error.issues[0], given)
  return parsed.data
}

function invalid(issue: z.core.$ZodIssue | undefined, given: unknown): Fault {
  const field = issue?.path.join('.') ?? ''
  const value = issue?.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], given)
  // A secret must not come back in a sentence.
  const shown = field === 'secret' || field === 'password' ? '••••' : String(value ?? '').slice(0, 200)
  return new Fault('InvalidParameter', { field, given: shown, rule: issue?.message ?? '' })
}
