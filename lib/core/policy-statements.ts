import { type ActionName, actions, resourcePattern } from './actions.ts'
import {
  anyOf,
  type Condition,
  compileCondition,
  compileSetCondition,
  type SetCondition,
} from './policy-conditions.ts'
import type { PolicyDocument, Statement } from './policy-document.ts'
import { wildcard } from './wildcard.ts'

/** A statement, ready to be asked. */
export type CompiledStatement = {
  /** Its place in the document, from 0. */
  index: number
  isDeny: boolean
  concerns: (action: string) => boolean
  /** Which resources it is about. */
  resource: Omit<SetCondition, 'key'>
  /** What is asked of the request, and of what was submitted: all of them have to hold. */
  conditions: readonly Condition[]
  paths: readonly SetCondition[]
  caches: readonly SetCondition[]
}

type CompiledDocument = {
  statements: readonly CompiledStatement[]
  byAction: Map<string, readonly CompiledStatement[]>
}

const compiled = new WeakMap<PolicyDocument, CompiledDocument>()

/** The statements of a document that are about an action. */
export function statementsOn(document: PolicyDocument, action: string): readonly CompiledStatement[] {
  let known = compiled.get(document)
  if (!known) {
    known = { statements: document.Statement.map(compile), byAction: new Map() }
    compiled.set(document, known)
  }
  let concerned = known.byAction.get(action)
  if (!concerned) {
    concerned = known.statements.filter((statement) => statement.concerns(action))
    // Not for any text that somebody asks about: that would grow without end.
    if (Object.hasOwn(actions, action)) known.byAction.set(action, concerned)
  }
  return concerned
}

function compile(statement: Statement, index: number): CompiledStatement {
  const { Effect, Action, NotAction, Resource, NotResource, Condition = {} } = statement
  const wanted = (Action ?? NotAction ?? []).map((each) => wildcard(each.toLowerCase()))
  const parts = Object.entries(Condition).flatMap(([operator, byKey]) =>
    Object.entries(byKey).map(([key, values]) => [operator, key, values] as const),
  )
  const on = (name: string) => parts.filter(([, key]) => key === name)
  return {
    index,
    isDeny: Effect === 'Deny',
    // RAM compares actions without regard to case, resources with.
    concerns: (action) => wanted.some((each) => each.fits(action.toLowerCase())) === (Action !== undefined),
    resource: anyOf((Resource ?? NotResource ?? []).map(wildcard), { negated: Resource === undefined }),
    conditions: parts
      .filter(([, key]) => key !== 'freshet:Path' && key !== 'freshet:Cache')
      .map((part) => compileCondition(...part)),
    paths: on('freshet:Path').map((part) => compileSetCondition(...part)),
    caches: on('freshet:Cache').map((part) => compileSetCondition(...part)),
  }
}

/**
 * Whether a statement is about all or some of the resources that an action can be asked for. An action
 * that is not ours is taken for one on `*`.
 */
export function extentOf(
  { resource }: CompiledStatement,
  action: string,
  accountId: number,
): 'all' | 'some' | 'none' {
  const asked = Object.hasOwn(actions, action) ? resourcePattern(action as ActionName, accountId, '*') : '*'
  if (asked === '*' || !asked.endsWith('*')) return resource.holds(asked) ? 'all' : 'none'
  const begin = asked.slice(0, -1)
  if (resource.holdsForAll(begin)) return 'all'
  return resource.holdsForSome(begin) ? 'some' : 'none'
}
