import type { z } from 'zod'
import type { ActionName } from '#lib/core/actions.ts'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { type Asked, evaluate, mayAnywhere, type Reach } from '#lib/core/policy.ts'
import { writeRefusal } from '#lib/store/audit.ts'
import { whoMayGrant } from './who-may-grant.ts'

/** What a caller can ask for. The input is checked, the policies are asked, and only then it runs. */
export type Operation<Input, Answer> = {
  action: ActionName
  (caller: Caller, input: Input): Promise<Answer>
}

/**
 * What an operation acts on, all of which must be allowed; `anywhere` where it answers with as much as the
 * caller may see, and nothing is refused but to those who may see nothing.
 */
export type Resources = readonly (string | Asked)[] | 'anywhere'

/** Makes an operation, so that none can forget to check its input or to ask the policies. */
export function operation<Schema extends z.ZodType, Answer, Prepared = undefined>(definition: {
  action: ActionName
  /** Where what is asked for decides which action it is. */
  actionFor?: (input: z.output<Schema>) => ActionName
  input: Schema
  /** What must be read to tell what is acted on; it changes nothing. */
  prepare?: (caller: Caller, input: z.output<Schema>) => Promise<Prepared>
  resources: (input: z.output<Schema>, caller: Caller, prepared: Prepared) => Resources | Promise<Resources>
  run: (caller: Caller, input: z.output<Schema>, prepared: Prepared) => Promise<Answer>
}): Operation<z.input<Schema>, Answer> {
  const { action, actionFor = () => action, input: schema, prepare, resources, run } = definition
  const call = async (caller: Caller, given: z.input<Schema>) => {
    const input = checked(schema, given)
    const prepared = (await prepare?.(caller, input)) as Prepared
    const [asked, on] = [actionFor(input), await resources(input, caller, prepared)]
    const permitted = await permit(caller, asked, on)
    try {
      return await run(permitted, input, prepared)
    } catch (error) {
      // A refusal like those of policies, though only the run can tell whose rights they are.
      if (error instanceof Fault && error.code === 'OwnRights')
        await writeRefusal(permitted, asked, namesOf(on), { reason: error.code, ...error.details })
      throw error
    }
  }
  return Object.assign(call, { action })
}

/**
 * Goes on only if a caller may act on all of these resources; a refusal is written into the audit log.
 *
 * @returns the caller with what decided
 * @throws Fault NoPermission
 */
export async function permit(caller: Caller, action: ActionName, resources: Resources): Promise<Caller> {
  if (resources === 'anywhere') {
    if (mayAnywhere(caller, action)) return caller
    throw await refused(caller, action, namesOf(resources), { resource: '*', denial: 'ImplicitDeny' })
  }
  const decision = evaluate(caller, action, resources)
  const decided = { ...caller, decidedBy: decision.by }
  if (decision.allowed) return decided
  const names = namesOf(resources)
  const { at, denial, by } = decision
  throw await refused(decided, action, names, {
    resource: names[at] ?? '*',
    denial,
    policy: by?.policy ?? '',
    statement: by?.statement ?? '',
    group: by?.group ?? '',
    ...refusedPart(caller, action, resources[at]),
  })
}

const namesOf = (resources: Resources): string[] =>
  resources === 'anywhere' ? ['*'] : resources.map((one) => (typeof one === 'string' ? one : one.resource))

/** Of a submission the first path that is not allowed, and how it was asked for: others of the domain may be. */
function refusedPart(
  caller: Caller,
  action: ActionName,
  asked: Resources[number] | undefined,
): { path: string; method: string } {
  if (typeof asked !== 'object' || !asked.reaches) return { path: '', method: '' }
  const isRefused = (reach: Reach) => !evaluate(caller, action, [{ ...asked, reaches: [reach] }]).allowed
  const found = asked.reaches.slice(0, mostLooked).find(isRefused) ?? asked.reaches[0]
  return { path: found ? `${found.path}${found.wide ? '*' : ''}` : '', method: asked.method ?? '' }
}

/** Paths that are looked at one by one for the one that was refused. */
const mostLooked = 1_000

/** The fault of a refusal, which stands in the audit log by then. */
async function refused(
  caller: Caller,
  action: ActionName,
  resources: readonly string[],
  refusal: { resource: string; denial: string } & Record<string, string | number>,
): Promise<Fault> {
  const policies = caller.policies.map((each) => each.name).join(', ')
  const grantors = (await whoMayGrant(caller.accountId)).join(', ')
  const details = { action, policy: '', ...refusal, policies, grantors }
  await writeRefusal(caller, action, resources, details)
  return new Fault('NoPermission', details)
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
  const shown = field === 'secret' || field === 'password' ? '' : String(value ?? '').slice(0, 200)
  return new Fault('InvalidParameter', { field, given: shown, rule: issue?.message ?? '' })
}
