const hex = '[0-9a-f]{2}'
// A bare % before an escape that is taken back could make a new one: %%37%31 would be %71.
const escapes = new RegExp(`(?<!%[0-9a-f]?)%${hex}`, 'gi')
// What RFC 3986 has in no path and no query. Browsers send some of these as they are and some escaped.
const odd = /["<>[\\\]^`{|}]|[^\x21-\x7e]+/gu
const needsWork = /[^!#$&-;=?-Z_a-z~]/

/**
 * A path with its query in the one spelling that a key has. A purge of `/a` would otherwise leave a copy
 * under `/%61`, and one of `/a?b={c}`, which browsers send as it is, a copy under `/a?b=%7Bc%7D`.
 *
 * Escapes of what needs none are taken back, as RFC 3986, section 6.2.2 has it, and that of `'`: browsers
 * escape it in a query and not in a path, and it separates nothing in either. What belongs in no URL is
 * escaped. A reserved character and its escape stay two things.
 */
export function normaliseTarget(target: string): string {
  return needsWork.test(target) ? normaliseEscapes(target).replace(odd, escape) : target
}

/** A pattern in the spelling of what it is compared with. No escape reaches into a construct or makes one. */
export function normalisePattern(pattern: string): string {
  return normaliseEscapes(pattern).replace(/[^\x21-\x7e]+/gu, escape)
}

function normaliseEscapes(text: string): string {
  return text.includes('%') ? text.replace(escapes, normaliseEscape) : text
}

function normaliseEscape(text: string): string {
  const character = String.fromCharCode(Number.parseInt(text.slice(1), 16))
  return /[a-z0-9._~'-]/i.test(character) ? character : text.toUpperCase()
}

function escape(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}
