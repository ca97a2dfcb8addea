import { expect, test } from 'vitest'
import { packKeys } from './varnish-keys.ts'
import { commandOf } from './varnish-stand.ts'

test('a key of two commands is sent once, and counts for both', () => {
  const commands = [
    commandOf({ kind: 'regex', targets: ['/a.*', '/b.*', '/a.*'] }),
    commandOf({ kind: 'regex', mode: 'soft', targets: ['/b.*'] }),
    commandOf({ kind: 'regex', domain: 'other.example.test', targets: ['/b.*'] }),
  ]
  const requests = packKeys(commands).requests.map(({ domain, way, keys, commands }) => ({
    domain,
    way,
    keys,
    commands: [...commands],
  }))
  expect(requests).toEqual([
    { domain: 'www.example.test', way: 'ban', keys: 2, commands: [0, 1] },
    { domain: 'other.example.test', way: 'ban', keys: 1, commands: [2] },
  ])
})

test('bans have a line each, and four lines a request', () => {
  const targets = Array.from({ length: 10 }, (_, index) => `/${index}.*`)
  const { requests } = packKeys([commandOf({ kind: 'regex', targets })])
  expect(requests.map(({ lines }) => lines.length)).toEqual([4, 4, 2])
})
