import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** The header in which the app finds the client's address; what a client writes there is lost. */
export const addressHeader = 'x-freshet-address'
/** The header with a name for each request, made here. */
export const requestHeader = 'x-freshet-request'

type Trust = (address: string) => boolean

/** Whether an address is a trusted proxy's; `proxies` as in settings. */
export function trustIn(proxies: readonly string[]): Trust {
  const trusted = new BlockList()
  for (const entry of proxies) {
    const [address = '', bits] = entry.split('/')
    const family = familyOf(address)
    trusted.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return (address) => isIP(address) > 0 && trusted.check(address, familyOf(address))
}

/** Writes the client's address into a request's headers, and takes out what its peer may not tell. */
export function introduce(headers: IncomingHttpHeaders, peer: string, isTrusted: Trust): void {
  headers[addressHeader] = findClient(peer, String(headers['x-forwarded-for'] ?? ''), isTrusted)
  if (isTrusted(plain(peer))) return
  for (const name of Object.keys(headers)) if (/^(x-)?forwarded(-|$)/.test(name)) delete headers[name]
}

/**
 * The first address from the right that is no trusted proxy's.
 *
 * A hop that is no address ends the walk: nobody knows what stands behind it.
 */
export function findClient(peer: string, forwardedFor: string, isTrusted: Trust): string {
  let client = plain(peer)
  for (const hop of forwardedFor.split(',').reverse()) {
    const address = plain(hop.trim())
    if (!isTrusted(client) || isIP(address) === 0) break
    client = address
  }
  return client
}

/** A socket of both families says `::ffff:192.0.2.1` of an IPv4 client. */
function plain(address: string): string {
  return /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}
