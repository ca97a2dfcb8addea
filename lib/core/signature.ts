import { createHmac, hash, timingSafeEqual } from 'node:crypto'

/** Parameters as they are meant, not as they were escaped on the way. */
type Parameters = Iterable<readonly [name: string, value: string]>

/** What a v3 signature covers. */
export type SignedParts = {
  method: string
  /** Those of the query; what a form holds is covered by the hash of the body. */
  query: Parameters
  /** By names in small letters. */
  headers: Readonly<Record<string, string | undefined>>
  /** Which of the headers are covered; the client says so, in its order. */
  signedHeaders: readonly string[]
  /** SHA-256 of the body, in hex. */
  bodyHash: string
}

/** The scheme of a v3 Authorization header, and the first line of what is signed. */
export const algorithmV3 = 'ACS3-HMAC-SHA256'

/** As RFC 3986 has it: all but letters, digits and `-_.~` is escaped, a blank as `%20`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, escapeByte)
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/**
 * The one text of a v3 request. It is made from decoded parameters, because clients and proxies escape the
 * same parameter differently. Names are escaped too: raw, `&` and `=` in a name would let two parameters
 * pass for one. The vendor's client does not, which is the same for all names that there are.
 */
export function canonicalRequest({ method, query, headers, signedHeaders, bodyHash }: SignedParts): string {
  const lines = signedHeaders.map((name) => `${name}:${headerValue(headers, name)}\n`)
  return [method, '/', joinSorted(query), lines.join(''), signedHeaders.join(';'), bodyHash].join('\n')
}

/** A name such as `constructor` is no header of a request. */
function headerValue(headers: SignedParts['headers'], name: string): string {
  return Object.hasOwn(headers, name) ? (headers[name] ?? '').trim() : ''
}

/** In the order of code units, which is the same everywhere; that of a language is not. */
function joinSorted(parameters: Parameters): string {
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&')
}

/** What the secret signs in v3; a refusal shows it, so that a client can compare it with its own. */
export function stringToSignV3(canonical: string): string {
  return `${algorithmV3}\n${hash('sha256', canonical)}`
}

/** The v3 signature of a canonical request, in hex. */
export function signV3(canonical: string, secret: string): string {
  return createHmac('sha256', secret).update(stringToSignV3(canonical)).digest('hex')
}

/** Reads a v3 Authorization header; undefined when it is none. */
export function parseAuthorization(text: string) {
  const parts = /^ACS3-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([^,\s]+)$/
  const [, accessKeyId, signedHeaders, signature] = parts.exec(text.trim()) ?? []
  if (!accessKeyId || !signedHeaders || !signature) return undefined
  return { accessKeyId, signedHeaders: signedHeaders.split(';'), signature }
}

/** What the secret signs in v1: every parameter of query and form but the signature, empty ones too. */
export function stringToSignV1(method: string, parameters: Parameters): string {
  const signed = [...parameters].filter(([name]) => name !== 'Signature')
  return `${method}&%2F&${percentEncode(joinSorted(signed))}`
}

/** The v1 signature (HMAC-SHA1), in base64. */
export function signV1(stringToSign: string, secret: string): string {
  return createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64')
}

/** Compares in a time that says nothing about where they differ, whatever their lengths. */
export function sameSignature(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => hash('sha256', text, 'buffer')) as [Buffer, Buffer]
  return timingSafeEqual(a, b)
}
