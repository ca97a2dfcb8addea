import type { Caller } from '#lib/core/caller.ts'
import type { Fault, FaultDetails } from '#lib/core/fault.ts'
import type { Problem } from '#lib/core/submission.ts'
import messages from '#messages/en.json' with { type: 'json' }
import type { RpcRequest } from './request.ts'

/** What an HTTP server sends. */
export type HttpAnswer = { status: number; headers: Record<string, string>; body: string }

/** A value of an answer; a list stands under the name of what it lists. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value }
export type Answer = { [name: string]: Value }

/** What went wrong, in the vendor's five strings and, where rights are missing, what would help. */
export type Refusal = Answer & { Code: string; Message: string }

/** Writes an answer in the form that was asked for. */
export function render(
  status: number,
  answer: Answer,
  { action, format }: Pick<RpcRequest, 'action' | 'format'>,
): HttpAnswer {
  const isXml = format === 'xml'
  const root = status === 200 ? `${elementName(action)}Response` : 'Error'
  return {
    status,
    headers: {
      // Without a blank: the vendor's package reads an error in XML only from exactly this type.
      'content-type': isXml ? 'text/xml;charset=utf-8' : 'application/json;charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(status === 429 ? { 'retry-after': '1' } : {}),
    },
    body: isXml
      ? `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${inner(answer)}</${root}>`
      : JSON.stringify(answer),
  }
}

/** An action that there is not must still give a well-formed answer. */
const elementName = (action: string) => (/^[A-Za-z]{1,100}$/.test(action) ? action : 'Api')

function inner(answer: Answer): string {
  return Object.entries(answer)
    .map(([name, value]) => element(name, value))
    .join('')
}

function element(name: string, value: Value): string {
  if (!Array.isArray(value)) return `<${name}>${content(value)}</${name}>`
  // A list of tasks is <Tasks><Task>…</Task></Tasks>, also where JSON has no name between.
  if (!name.endsWith('s')) return value.map((one) => element(name, one)).join('')
  return `<${name}>${value.map((one) => element(name.slice(0, -1), one)).join('')}</${name}>`
}

function content(value: Exclude<Value, Value[]>): string {
  if (value === null) return ''
  return typeof value === 'object' ? inner(value) : escaped(String(value))
}

/** What XML 1.0 cannot hold at all becomes a question mark. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** What a refusal tells over the API. */
export function refusalOf(fault: Fault, caller: Caller | undefined): Refusal {
  const refusal = { Code: fault.code, Message: fault.message + firstProblem(fault) }
  if (fault.code !== 'NoPermission' || !caller) return refusal
  return { ...refusal, AccessDeniedDetail: deniedDetail(fault.details, caller) }
}

/** A call has no page to mark its lines on, so it is told the first that does not fit. */
function firstProblem({ code, details }: Fault): string {
  const [first] = (details.problems ?? []) as Problem[]
  if (!first) return ''
  const place = ` Line ${first.line}, “${first.given.slice(0, 200)}”`
  if (code !== 'InvalidObjectPath.Malformed') return `${place}.`
  return `${place}: ${messages.problem[first.code].replaceAll('{detail}', first.detail)}`
}

/** As the vendor's, but to be read: which statement decided, and who can change that. */
function deniedDetail(
  { action, resource, path, method, denial, policy, statement, group, policies, grantors }: FaultDetails,
  caller: Caller,
): Answer {
  const said = (value: FaultDetails[string] | undefined) => String(value ?? '')
  return {
    AuthAction: said(action),
    AuthResource: said(resource),
    AuthPath: said(path),
    AuthMethod: said(method),
    AuthPrincipalType: 'SubUser',
    AuthPrincipalOwnerId: String(caller.accountId),
    AuthPrincipalDisplayName: caller.name,
    PolicyType: 'AccountLevelIdentityBasedPolicy',
    NoPermissionType: said(denial),
    DecidingPolicy: said(policy),
    DecidingStatement: said(statement),
    ThroughGroup: said(group),
    AttachedPolicies: said(policies),
    WhoCanGrant: said(grantors),
  }
}
