/** An address in 128 bits, that of IPv4 as IPv6 maps it (RFC 4291, section 2.5.5.2). */
export type Address = bigint

/** The addresses whose first bits are the same. */
export type AddressRange = { bits: bigint; length: number }

const mapped = 0xffffn << 32n

/** Reads an address of IPv4 or IPv6; undefined where it is neither. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseSix(text.replace(/%.*$/, '')) : mappedFour(text)
}

/** Reads an address, or a range of them such as 10.0.0.0/8; undefined where it is neither. */
export function parseRange(text: string): AddressRange | undefined {
  const [, written = '', digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const bits = parseAddress(written)
  if (bits === undefined) return undefined
  const most = written.includes(':') ? 128 : 32
  const length = digits === undefined ? most : Number(digits)
  return length > most ? undefined : { bits, length: length + 128 - most }
}

export function isWithin(address: Address, { bits, length }: AddressRange): boolean {
  const rest = BigInt(128 - length)
  return address >> rest === bits >> rest
}

function mappedFour(text: string): bigint | undefined {
  const four = parseFour(text)
  return four === undefined ? undefined : mapped | four
}

/** A leading zero is refused: some read 010 as eight. */
function parseFour(text: string): bigint | undefined {
  const parts = text.split('.')
  const isAddress =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256)
  return isAddress ? parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) : undefined
}

function parseSix(text: string): bigint | undefined {
  const halves = text.split('::').map(groupsOf)
  const [left, right] = halves
  if (halves.length > 2 || !left || halves.includes(undefined)) return undefined
  if (right && text.slice(0, text.indexOf('::')).includes('.')) return undefined
  const missing = 8 - left.length - (right?.length ?? 0)
  if (right ? missing < 1 : missing !== 0) return undefined
  const groups = [...left, ...Array<bigint>(missing).fill(0n), ...(right ?? [])]
  return groups.reduce((sum, group) => (sum << 16n) | group, 0n)
}

/** Groups of 16 bits; the last two may be written as an address of IPv4. */
function groupsOf(text: string): bigint[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const four = parts.at(-1)?.includes('.') ? parseFour(parts.pop() as string) : undefined
  if (/\./.test(text) && four === undefined) return undefined
  if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined
  const groups = parts.map((part) => BigInt(`0x${part}`))
  return four === undefined ? groups : [...groups, four >> 16n, four & 0xffffn]
}
