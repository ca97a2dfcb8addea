import type { IncomingMessage, ServerResponse } from 'node:http'
import { normaliseTarget } from '#lib/core/spelling.ts'
import { refuse } from './answer.ts'
import type { Sent } from './entry.ts'
import type { Fields } from './fields.ts'
import { forwardedFields, type Identity, isLoop } from './forwarding.ts'
import { normaliseHost } from './key.ts'

/** A request as the cache sees it: which host it is for, and what of it. */
export type Wish = {
  message: IncomingMessage
  response: ServerResponse
  host: string
  target: string
  sent: Sent
  /** How often it shared a fetch in vain. */
  tries: number
}

const methods = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Reads a request, or refuses it and returns undefined. */
export function readWish(
  message: IncomingMessage,
  response: ServerResponse,
  serves: (host: string) => boolean,
  identity: Identity,
): Wish | undefined {
  const { name, url } = addressed(message)
  const host = normaliseHost(name)
  if (!methods.has(message.method as string)) refuse(response, 501, 'This method is not served here.')
  else if (host === undefined) refuse(response, 400, 'The Host field names no host.')
  else if (!url.startsWith('/') || url.includes('#')) refuse(response, 400, 'The path is no path.')
  else if (!serves(host)) refuse(response, 421, 'This host is not served here.')
  else if (isLoop(message, identity)) refuse(response, 508, 'This request came here before.')
  else {
    const sent = sentOnce(message, host, identity)
    return { message, response, host, target: normaliseTarget(url), sent, tries: 0 }
  }
  return undefined
}

/** Most hits have no variants and need none of this, so it is made at the first question. */
function sentOnce(message: IncomingMessage, host: string, identity: Identity): Sent {
  let fields: Fields | undefined
  return () => {
    fields ??= forwardedFields(message, host, identity, { conditions: false, body: false })
    return fields
  }
}

/** RFC 9112, section 3.2.2: a request line with a whole URL outweighs Host. */
function addressed({ url = '', headers }: IncomingMessage): { name: string; url: string } {
  const whole = url.startsWith('/') ? null : /^https?:\/\/([^/?#]*)(.*)$/i.exec(url)
  if (!whole) return { name: headers.host ?? '', url }
  const [, name = '', rest = ''] = whole
  return { name, url: rest.startsWith('/') ? rest : `/${rest}` }
}

/**
 * Whether a body goes on with a request. That of a GET or HEAD means nothing (RFC 9110, section
 * 9.3.1), and an origin that heeds it could be made to poison a copy.
 */
export function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
