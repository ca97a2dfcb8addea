import type { IncomingHttpHeaders } from 'node:http'

/** Header fields as a flat list: name, value, name, value. Names are in lower case. */
export type Fields = string[]

// RFC 9110, section 7.6.1, and the fields that speak to a proxy only (RFC 9111, section 3.1).
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The value of a field, several lines joined as RFC 9110, section 5.3 allows; undefined if absent. */
export function field(fields: Fields, name: string): string | undefined {
  let value: string | undefined
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === name) value = value === undefined ? fields[i + 1] : `${value}, ${fields[i + 1]}`
  }
  return value
}

/** The members of a comma-separated field without quoted strings, in lower case. */
export function members(value: string | undefined): string[] {
  if (!value) return []
  return value
    .split(',')
    .map((member) => member.trim().toLowerCase())
    .filter(Boolean)
}

/** The fields of a message that travel on: not those of this connection, nor those it names. */
export function endToEnd(fields: Fields): Fields {
  // Cache-Control is never a connection option (RFC 9110, section 7.6.1); naming it must not hide it.
  const named = members(field(fields, 'connection')).filter((name) => name !== 'cache-control')
  const kept: Fields = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (!hopByHop.has(name) && !named.includes(name)) kept.push(name, fields[i + 1] as string)
  }
  return kept
}

/** A list without some fields. */
export function without(fields: Fields, names: readonly string[]): Fields {
  const kept: Fields = []
  for (let i = 0; i < fields.length; i += 2) {
    if (!names.includes(fields[i] as string)) kept.push(fields[i] as string, fields[i + 1] as string)
  }
  return kept
}

/** Fields as node:http gives them raw. */
export function fromRaw(raw: readonly string[]): Fields {
  return raw.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text))
}

/** Fields as undici gives them: one value, or a list of values, by name. */
export function fromParsed(headers: IncomingHttpHeaders): Fields {
  const fields: Fields = []
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) fields.push(name.toLowerCase(), one)
  }
  return fields
}
