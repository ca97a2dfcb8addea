import { members } from './fields.ts'

/**
 * Accept-Encoding as an origin sees it and variants are told apart: `gzip` of a client that takes it,
 * nothing of any other. Every browser has a list of its own, and a prefetch knows none of them.
 */
export function foldAcceptEncoding(value: string | undefined): 'gzip' | undefined {
  const weights = new Map(members(value).map(readCoding))
  const accepted = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? false
  return accepted ? 'gzip' : undefined
}

/** @returns a coding and whether it is accepted: not with a weight of 0 (RFC 9110, section 12.4.2) */
function readCoding(member: string): [string, boolean] {
  const [coding = '', ...parameters] = member.split(';').map((part) => part.trim())
  return [coding, !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))]
}
