import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser'
import { actionNames } from './actions.ts'
import { conditionKeys, isValue, operators } from './policy-conditions.ts'
import { wildcard } from './wildcard.ts'

/** A statement, its single texts made lists. `Condition` is by operator, then by key. */
export type Statement = {
  Effect: 'Allow' | 'Deny'
  Action?: string[]
  NotAction?: string[]
  Resource?: string[]
  NotResource?: string[]
  Condition?: Record<string, Record<string, string[]>>
}

/** A policy in the grammar of RAM. */
export type PolicyDocument = { Version: '1'; Statement: Statement[] }

/** The most characters of a policy. @see the vendor's page on the limits of RAM */
export const maxPolicyLength = 6144

export type PolicyProblemCode =
  | 'json'
  | 'size'
  | 'form'
  | 'field'
  | 'repeated'
  | 'version'
  | 'no-statement'
  | 'effect'
  | 'action-missing'
  | 'action-both'
  | 'action-form'
  | 'action-unknown'
  | 'resource-missing'
  | 'resource-both'
  | 'resource-form'
  | 'operator'
  | 'operator-type'
  | 'key'
  | 'value'

/** Where something stands in a document: names of members, and places in lists from 0. */
export type PolicyPath = (string | number)[]

/**
 * What is wrong in a document, and where. `given` is what stands there; `detail` what would fit, or the
 * name that the problem is about. `offset` is where the JSON ends to be any.
 */
export type PolicyProblem = {
  path: PolicyPath
  code: PolicyProblemCode
  given: string
  detail: string
  offset?: number
}

type Report = (path: PolicyPath, code: PolicyProblemCode, given: unknown, detail?: string) => void

/** Reads a policy, and returns the document or everything that is wrong with it. */
export function parsePolicy(text: string): { document: PolicyDocument } | { problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = []
  const report: Report = (path, code, given, detail = '') => {
    problems.push({ path, code, given: shown(given), detail })
  }
  // Not read any further: a text of megabytes would hold up the others.
  if (text.length > maxPolicyLength) report([], 'size', text.length, String(maxPolicyLength))
  else {
    // Postgres keeps no such character.
    if (/\\u0000/i.test(text))
      return {
        problems: [
          { path: [], code: 'json', given: '\\u0000', detail: 'U+0000', offset: text.search(/\\u0000/i) },
        ],
      }
    const { root, error } = readTree(text)
    if (error || !root) return { problems: [notJson(text, error)] }
    reportRepeated(root, [], report)
    const document = readDocument(getNodeValue(root), report)
    if (problems.length === 0) return { document }
  }
  return { problems }
}

type Place = { offset: number; length: number }

/** The JSON of a text with its places, as far as it is any, and where it first is not. */
function readTree(text: string): { root?: Node | undefined; error?: Place | undefined } {
  const error = tooDeep(text)
  if (error) return { error }
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true })
  return { root, error: errors[0] }
}

/** Where brackets stand in more brackets than a policy can have: the parser would run out of stack. */
function tooDeep(text: string): Place | undefined {
  let depth = 0
  for (const { 0: mark, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (mark === '[' || mark === '{') depth += 1
    if (mark === ']' || mark === '}') depth -= 1
    if (depth > 20) return { offset: index, length: 1 }
  }
  return undefined
}

function notJson(text: string, error: Place | undefined): PolicyProblem {
  const { offset, length } = error ?? { offset: 0, length: text.length }
  return { path: [], code: 'json', given: shown(text.slice(offset, offset + length)), detail: '', offset }
}

function shown(given: unknown): string {
  const text = typeof given === 'string' ? given : (JSON.stringify(given) ?? '')
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

/** Of two members with one name JSON keeps the last, so a condition could vanish. */
function reportRepeated(node: Node, path: PolicyPath, report: Report): void {
  const names = new Set<string>()
  for (const [index, child] of (node.children ?? []).entries()) {
    if (node.type === 'array') reportRepeated(child, [...path, index], report)
    const [key, value] = child.children ?? []
    if (node.type !== 'object' || !key || !value) continue
    const name = key.value as string
    if (names.has(name)) report([...path, name], 'repeated', name)
    names.add(name)
    reportRepeated(value, [...path, name], report)
  }
}

type Members = Record<string, unknown>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function reportOthers(given: Members, path: PolicyPath, known: string[], report: Report): void {
  for (const name of Object.keys(given))
    if (!known.includes(name)) report([...path, name], 'field', name, known.join(', '))
}

function readDocument(given: unknown, report: Report): PolicyDocument {
  const document: PolicyDocument = { Version: '1', Statement: [] }
  if (!isObject(given)) {
    report([], 'form', given)
    return document
  }
  reportOthers(given, [], ['Version', 'Statement'], report)
  if (given.Version !== '1') report(['Version'], 'version', given.Version)
  const statements = given.Statement
  if (isObject(statements)) document.Statement = [readStatement(statements, ['Statement'], report)]
  else if (Array.isArray(statements) && statements.length > 0)
    document.Statement = statements.map((each, at) => readStatement(each, ['Statement', at], report))
  else report(['Statement'], 'no-statement', statements)
  return document
}

const members = ['Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']

function readStatement(given: unknown, path: PolicyPath, report: Report): Statement {
  if (!isObject(given)) {
    report(path, 'form', given)
    return { Effect: 'Deny' }
  }
  reportOthers(given, path, members, report)
  const { Effect } = given
  if (Effect !== 'Allow' && Effect !== 'Deny') report([...path, 'Effect'], 'effect', Effect)
  return {
    Effect: Effect === 'Allow' ? 'Allow' : 'Deny',
    ...readNames(given, path, 'Action', report, checkAction),
    ...readNames(given, path, 'Resource', report, checkResource),
    ...(given.Condition === undefined
      ? {}
      : { Condition: readCondition(given.Condition, [...path, 'Condition'], report) }),
  }
}

type Check = (written: string, path: PolicyPath, report: Report) => void

/** Reads Action or NotAction, or Resource or NotResource: one of the two, and not empty. */
function readNames(
  given: Members,
  path: PolicyPath,
  name: 'Action' | 'Resource',
  report: Report,
  check: Check,
): Partial<Statement> {
  const kind = name === 'Action' ? 'action' : 'resource'
  const present = [name, `Not${name}`].filter((each) => given[each] !== undefined)
  if (present.length > 1) report(path, `${kind}-both`, present.join(', '))
  if (present.length === 0) report(path, `${kind}-missing`, '')
  const read: Members = {}
  for (const each of present) {
    const list = asList(given[each])
    if (list.length === 0) report([...path, each], `${kind}-missing`, given[each])
    for (const [at, one] of list.entries()) {
      const place = placeInList(given[each], [...path, each], at)
      if (typeof one === 'string') check(one, place, report)
      else report(place, `${kind}-form`, one)
    }
    read[each] = list
  }
  return read
}

const asList = (given: unknown): unknown[] => (Array.isArray(given) ? given : [given])

const placeInList = (given: unknown, path: PolicyPath, at: number): PolicyPath =>
  Array.isArray(given) ? [...path, at] : path

function checkAction(written: string, path: PolicyPath, report: Report): void {
  if (written === '*') return
  if (!/^[\w*?-]+:[\w*?./-]+$/.test(written)) return report(path, 'action-form', written)
  // The vendor has more than we do, and a policy that names them must do here what it can.
  if (/^freshet:/i.test(written) && !isKnownAction(written)) report(path, 'action-unknown', written)
}

/** Whether an action, as written, is that of any request there is. */
export function isKnownAction(written: string): boolean {
  const { fits } = wildcard(written.toLowerCase())
  return actionNames.some((name) => fits(name.toLowerCase()))
}

function checkResource(written: string, path: PolicyPath, report: Report): void {
  // acs:SERVICE:REGION:ACCOUNT:RELATIVE; region and account may be empty.
  const isName = /^acs:[\w*?-]+:[\w*?-]*:[\w*?@.-]*:[\x21-\x7e]+$/.test(written)
  if (written !== '*' && !isName) report(path, 'resource-form', written)
}

function readCondition(
  given: unknown,
  path: PolicyPath,
  report: Report,
): NonNullable<Statement['Condition']> {
  if (!isObject(given)) {
    report(path, 'form', given)
    return {}
  }
  const condition: NonNullable<Statement['Condition']> = {}
  for (const [name, byKey] of Object.entries(given)) {
    if (!operators.has(name)) report([...path, name], 'operator', name)
    if (!isObject(byKey)) {
      report([...path, name], 'form', byKey)
      continue
    }
    const entries = Object.entries(byKey).map(([key, values]) => {
      return [key, readValues(values, [...path, name, key], report)] as const
    })
    condition[name] = Object.fromEntries(entries)
  }
  return condition
}

/** Reads the values under the operator and the key that end the path. */
function readValues(given: unknown, path: PolicyPath, report: Report): string[] {
  const [name, key] = path.slice(-2) as [string, string]
  const operator = operators.get(name)
  const type = conditionKeys[key]?.type
  // A wrong key of ours is a slip; one of another service is for that service.
  if (type === undefined && !/^(?!freshet:)[a-z][\w-]*:\S+$/i.test(key)) report(path, 'key', key)
  if (operator && type && type !== operator.type) report(path, 'operator-type', name, type)
  const list = asList(given)
  if (list.length === 0) report(path, 'value', given, operator?.type)
  return list.map((one, at) => {
    const isScalar = typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean'
    const value = isScalar ? String(one) : ''
    const fits = !operator || (type && type !== operator.type) || isValue(operator, key, value)
    if (!isScalar || !fits) report(placeInList(given, path, at), 'value', one, operator?.type)
    return value
  })
}

/**
 * Where something stands in the text, or what is nearest around it; in UTF-16 units. A path into the
 * document that was read leads into a text that has single things for lists, too.
 */
export function placeOf(text: string, path: PolicyPath): { from: number; to: number } {
  let node = readTree(text).root
  if (!node) return { from: 0, to: text.length }
  for (const step of path) {
    const inner = findNodeAtLocation(node, [step])
    if (!inner && step !== 0) break
    node = inner ?? node
  }
  // A member is marked with its name.
  const { offset } = node.parent?.type === 'property' ? node.parent : node
  return { from: offset, to: node.offset + node.length }
}

/** The document as text. */
export function formatPolicy(document: PolicyDocument): string {
  return JSON.stringify(document, null, 2)
}
