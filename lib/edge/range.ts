/** The part of a body that a request asks for: whole, one part with its last byte, or none that exists. */
export type Part = 'whole' | 'unsatisfiable' | { first: number; last: number }

/**
 * Reads a Range field (RFC 9110, section 14.2). Several ranges, other units and whatever is not a
 * range are answered with the whole body, as that section allows.
 */
export function parseRange(value: string, length: number): Part {
  const parts = /^bytes=(\d*)-(\d*)$/i.exec(value.trim())
  if (!parts || (parts[1] === '' && parts[2] === '')) return 'whole'
  const [, from, to] = parts as unknown as [string, string, string]
  if (from === '') return suffix(Number(to), length)
  const first = Number(from)
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1)
  if (to !== '' && Number(to) < first) return 'whole'
  return first >= length ? 'unsatisfiable' : { first, last }
}

function suffix(wanted: number, length: number): Part {
  if (wanted === 0 || length === 0) return 'unsatisfiable'
  return { first: Math.max(0, length - wanted), last: length - 1 }
}
