/** An entry of the audit log, as pages and exports show it. */
export type AuditEntry = {
  id: string
  at: string
  actor: string
  userId: number | null
  action: string
  resources: string[]
  outcome: 'done' | 'refused'
  address: string
  source: string
  /** What proved who it was. */
  via: { is: 'session' | 'key'; id: string } | null
  requestId: string
  detail: Record<string, unknown>
  /** The statement of a policy that decided; null where none did, as for an owner. */
  decidedBy: { policy: string; statement: number; group: string | null } | null
  /** Its place in the chain, with the hash in hexadecimal digits; null until the worker has linked it. */
  seal: { number: number; hash: string } | null
}

/** A value that a change has set, by the path to it; absent where there was none. */
export type AuditChange = { path: string; before?: string; after?: string }

/** What `before` and `after` of an entry say otherwise, value by value. */
export function changesOf(detail: Record<string, unknown>): AuditChange[] {
  const [before, after] = [valuesOf(detail.before), valuesOf(detail.after)]
  const paths = [...new Set([...before.keys(), ...after.keys()])]
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => ({ path, ...only('before', before.get(path)), ...only('after', after.get(path)) }))
}

const only = (side: 'before' | 'after', value: string | undefined) =>
  value === undefined ? {} : { [side]: value }

/** What else an entry tells, value by value. */
export function factsOf({
  before: _before,
  after: _after,
  ...others
}: Record<string, unknown>): [string, string][] {
  return [...valuesOf(others)]
}

/** Values of a document by the paths to them; a list of plain values is one value. */
function valuesOf(document: unknown, path = ''): Map<string, string> {
  if (document === null || document === undefined) return new Map(path ? [[path, '–']] : [])
  if (Array.isArray(document) && !document.some((one) => typeof one === 'object'))
    return new Map([[path, document.join(', ') || '–']])
  if (typeof document !== 'object') return new Map([[path, String(document) || '–']])
  return new Map(
    Object.entries(document).flatMap(([key, value]) => [...valuesOf(value, path ? `${path}.${key}` : key)]),
  )
}

/** The part of a resource's name that a person calls it by, such as `domain/www.example.com`. */
export function shortResource(name: string): string {
  return /^acs:[^:]*:[^:]*:[^:]*:(.+)$/.exec(name)?.[1] ?? name
}
