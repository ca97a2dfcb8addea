import type { IncomingMessage } from 'node:http'
import { foldAcceptEncoding } from './accept-encoding.ts'
import { endToEnd, type Fields, field, fromRaw, members, without } from './fields.ts'

/** How this edge names itself to others: `name` in Via and Cache-Status, `instance` where names may collide. */
export type Identity = { name: string; instance: string }

/** The pseudonym of an edge. */
export function pseudonym({ name }: Identity): string {
  return `freshet-${name}`
}

// An operator's caches stand two or three deep; more is a circle that some member hides.
const maxCaches = 10

/** Whether a request came through this edge before (RFC 8586, and Via by RFC 9110, section 7.6.3). */
export function isLoop(request: IncomingMessage, { instance }: Identity): boolean {
  const { via, 'cdn-loop': seen } = request.headers
  if (seen === undefined && via === undefined) return false
  const caches = members(seen?.toString())
  return caches.includes(instance) || caches.length > maxCaches || members(via).length > 2 * maxCaches
}

const conditional = ['if-none-match', 'if-modified-since', 'if-range', 'range']
const never = ['host', 'expect']
const rewritten = ['accept-encoding', 'x-forwarded-for', 'cdn-loop']

/** The fields of a request as it goes on, with our names added; conditions of the client go only if asked. */
export function forwardedFields(
  request: IncomingMessage,
  host: string,
  identity: Identity,
  options: { conditions: boolean; body: boolean },
): Fields {
  const kept = endToEnd(fromRaw(request.rawHeaders))
  const dropped = [
    ...never,
    ...(options.conditions ? [] : conditional),
    ...(options.body ? [] : ['content-length']),
  ]
  const fields = without(kept, [...dropped, ...rewritten])
  const client = request.socket.remoteAddress ?? 'unknown'
  const encoding = foldAcceptEncoding(field(kept, 'accept-encoding'))
  if (encoding) fields.push('accept-encoding', encoding)
  fields.push('host', host)
  fields.push('x-forwarded-for', append(field(kept, 'x-forwarded-for'), client))
  fields.push('via', `${request.httpVersion} ${pseudonym(identity)}`)
  fields.push('cdn-loop', append(field(kept, 'cdn-loop'), identity.instance))
  return fields
}

/** The fields of an answer as it goes on: with a Date (RFC 9110, section 6.6.1) and our Via. */
export function stampAnswer(fields: Fields, identity: Identity, wallMs: number): Fields {
  const dated = field(fields, 'date') === undefined ? ['date', new Date(wallMs).toUTCString()] : []
  return [...fields, ...dated, 'via', `1.1 ${pseudonym(identity)}`]
}

function append(list: string | undefined, member: string): string {
  return list ? `${list}, ${member}` : member
}
