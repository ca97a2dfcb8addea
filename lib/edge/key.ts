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

/** Whether a path has `.` or `..` in it: another spelling of a path that a directory purge knows. */
export function hasDotSegments(target: string): boolean {
  return target.includes('/.') && /\/\.{1,2}(?:\/|\?|$)/.test(target.split('?', 1)[0] as string)
}
