const plainHost = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/

/**
 * A Host field as part of a key: lower case, without port and without the dot of the root.
 *
 * @returns undefined if no host can be meant
 */
export function normaliseHost(host: string): string | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  return plainHost.test(name) || /^\[[0-9a-f:.]+\]$/.test(name) ? name : undefined
}

const escapes = /%[0-9a-f]{2}|[^\x21-\x7e]/giu

/**
 * A path with its query as part of a key. Spellings that RFC 3986, section 6.2.2 calls equivalent
 * become one, or a purge of `/a` would leave a copy under `/%61`; what a person wrote beyond ASCII
 * becomes what a browser makes of it.
 */
export function normaliseTarget(target: string): string {
  if (!needsWork.test(target)) return target
  return target.replace(escapes, (text) => (text.length === 3 ? normaliseEscape(text) : escape(text)))
}

const needsWork = /%|[^\x21-\x7e]/

function normaliseEscape(text: string): string {
  const character = String.fromCharCode(Number.parseInt(text.slice(1), 16))
  return /[a-z0-9._~-]/i.test(character) ? character : text.toUpperCase()
}

function escape(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&')
}

/** Whether a path has `.` or `..` in it: another spelling of a path that a directory purge knows. */
export function hasDotSegments(target: string): boolean {
  return target.includes('/.') && /\/\.{1,2}(?:\/|\?|$)/.test(target.split('?', 1)[0] as string)
}
