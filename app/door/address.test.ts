import { expect, test } from 'vitest'
import { addressHeader, findClient, introduce, trustIn } from './address.ts'

const proxies = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']

test.for([
  ['no proxy', '203.0.113.5', '', '203.0.113.5'],
  ['a stranger who forwards', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
  ['one proxy', '10.1.1.1', '198.51.100.1', '198.51.100.1'],
  ['a proxy whose client forwards too', '10.1.1.1', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
  ['two proxies', '10.1.1.1', '198.51.100.1, 192.0.2.7', '198.51.100.1'],
  ['nothing but proxies', '10.1.1.1', '10.2.2.2,10.3.3.3', '10.2.2.2'],
  ['a proxy that says nothing', '10.1.1.1', '', '10.1.1.1'],
  ['a proxy that says no address', '10.1.1.1', '198.51.100.1, unknown', '10.1.1.1'],
  ['an address with a port', '10.1.1.1', '198.51.100.1:4711', '10.1.1.1'],
  ['IPv6', '2001:db8::1', '2001:db9::5', '2001:db9::5'],
  ['an IPv4 client on a socket of both families', '::ffff:203.0.113.5', '', '203.0.113.5'],
  ['an IPv4 proxy on a socket of both families', '::ffff:10.1.1.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['a socket that has closed', '', '198.51.100.1', ''],
] as const)('the client behind %s', ([, peer, forwardedFor, client]) => {
  expect(findClient(peer, forwardedFor, trustIn(proxies))).toBe(client)
})

test('nobody is trusted without proxies', () => {
  expect(findClient('127.0.0.1', '198.51.100.1', trustIn([]))).toBe('127.0.0.1')
})

const told = {
  host: 'freshet.example',
  'x-forwarded-for': '198.51.100.1',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  forwarded: 'for=198.51.100.1',
  [addressHeader]: '6.6.6.6',
}

test('what a stranger forwards is taken out', () => {
  const headers = { ...told }
  introduce(headers, '203.0.113.5', trustIn(proxies))
  expect(headers).toEqual({ host: 'freshet.example', [addressHeader]: '203.0.113.5' })
})

test('what a trusted proxy forwards stays, save the address', () => {
  const headers = { ...told }
  introduce(headers, '::ffff:10.1.1.1', trustIn(proxies))
  expect(headers).toEqual({ ...told, [addressHeader]: '198.51.100.1' })
})
