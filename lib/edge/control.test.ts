import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, control, host, raw, secret, TestStand } from './test-stand.ts'

let stand: TestStand
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'freshet-edge-'))
  stand = new TestStand()
  const clock = { wallMs: () => 1_700_000_000_123.456, monotonicMs: () => 0 }
  await stand.start({ logFile: path.join(folder, 'new', 'purges.log'), clock })
  stand.serve()
})
afterEach(async () => {
  await stand.stop()
  rmSync(folder, { recursive: true })
})

const command = { seq: 7, domain: host, kind: 'url', mode: 'hard', targets: ['/p'] }
const lines = (...commands: object[]) => commands.map((one) => JSON.stringify(one)).join('\n')

test('several commands of one request are taken in order, each with its count', async () => {
  await stand.get('/p')
  const body = lines(command, { ...command, seq: 8, kind: 'everything', targets: [] }, { ...command, seq: 9 })
  const told = await control(stand.edge, body)
  expect(JSON.parse(told.body)).toEqual({
    instance: stand.edge.instance,
    receipts: [
      { seq: 7, taken: 1 },
      { seq: 8, taken: 0 },
      { seq: 9, taken: 1 },
    ],
  })
  expect((await stand.get('/p')).body).toBe('2')
})

test('a list of commands may come as JSON', async () => {
  const told = await control(stand.edge, JSON.stringify([command, command]), {
    'content-type': 'application/json',
  })
  expect(JSON.parse(told.body).receipts).toHaveLength(2)
})

test('what is rejected says why, and stops nothing else', async () => {
  const told = await control(stand.edge, lines({ ...command, kind: 'regex', targets: ['^/'] }, command))
  expect(JSON.parse(told.body).receipts).toEqual([
    {
      seq: 7,
      rejected: 'target 0 is no pattern: character 0 is neither literal nor of [0-9], [a-z], [^/]* or .*',
    },
    { seq: 7, taken: 1 },
  ])
})

test.for([
  ['no JSON', 'hello', 400],
  ['half a command', JSON.stringify(command).slice(0, 20), 400],
  ['a command without a domain', lines(command, { ...command, domain: undefined }), 400],
  ['a list where a target should be', lines({ ...command, targets: [['/p']] }), 400],
  ['1,001 targets', lines(...Array.from({ length: 1001 }, () => command)), 413],
  ['5 MB', 'x'.repeat(5_000_000), 413],
] as const)('a body with %s is refused whole', async ([, body, status]) => {
  await stand.get('/p')
  const told = await control(stand.edge, body).catch(() => undefined)
  // A body that is too long may be cut off while it is still being sent.
  if (told) expect(told.status).toBe(status)
  expect((await stand.get('/p')).body).toBe('1')
  expect((await stand.purge({ targets: ['/p'] })).status).toBe(200)
})

test('1,000 targets are taken at once', async () => {
  const targets = Array.from({ length: 200 }, (_, index) => `/${index}`)
  const told = await control(stand.edge, lines(...Array.from({ length: 5 }, () => ({ ...command, targets }))))
  expect(JSON.parse(told.body).receipts.map(({ taken }: { taken: number }) => taken)).toEqual([
    200, 200, 200, 200, 200,
  ])
})

test.for([undefined, 'Bearer', 'Bearer wrong', `Bearer ${secret}x`, `Basic ${secret}`, secret])(
  'with “%s” for a secret nothing is purged or told',
  async (authorization) => {
    await stand.get('/p')
    const headers = authorization === undefined ? {} : { authorization }
    const purge = await ask(
      stand.edge.control,
      { method: 'POST', path: '/v1/purge', headers },
      lines(command),
    )
    const status = await ask(stand.edge.control, { path: '/v1/status', headers })
    const holdings = await ask(stand.edge.control, { method: 'POST', path: '/v1/holdings', headers })
    expect([purge.status, status.status, holdings.status]).toEqual([401, 401, 401])
    expect(purge.body).not.toContain(secret)
    expect((await stand.get('/p')).body).toBe('1')
  },
)

test('the status tells who this is and what is stored', async () => {
  await stand.get('/p')
  const told = await ask(stand.edge.control, {
    path: '/v1/status',
    headers: { authorization: `Bearer ${secret}` },
  })
  expect(JSON.parse(told.body)).toEqual({
    name: 'test',
    instance: stand.edge.instance,
    version: '1.2.3',
    site: { host: '127.0.0.1', port: Number(new URL(stand.edge.site).port) },
    entries: 1,
    bytes: expect.any(Number),
  })
})

const question = (body: string) =>
  ask(
    stand.edge.control,
    { method: 'POST', path: '/v1/holdings', headers: { authorization: `Bearer ${secret}` } },
    body,
  )

test('what a purge would cover is told, however it is spelled', async () => {
  for (const target of ['/d/a', '/d/a?x', '/e']) await stand.get(target)
  const coverage = { domain: host.toUpperCase(), kind: 'directory', targets: ['/%64/'] }
  const told = await question(JSON.stringify(coverage))
  expect(told.status).toBe(200)
  expect(JSON.parse(told.body)).toEqual({
    objects: 2,
    bytes: 2,
    targets: ['/d/a', '/d/a?x'],
    freshSeconds: 60,
    complete: true,
  })
})

test.for([
  ['no JSON', 'hello', 'the body is no domain, kind and targets'],
  ['no kind', JSON.stringify({ domain: host, targets: [] }), 'the body is no domain, kind and targets'],
  ['no host', JSON.stringify({ ...command, domain: 'a b' }), 'the domain is no host name'],
  ['no target of its kind', JSON.stringify({ ...command, kind: 'directory' }), 'target 0 is no directory'],
] as const)('a question with %s is refused', async ([, body, error]) => {
  const told = await question(body)
  expect([told.status, JSON.parse(told.body)]).toEqual([400, { error }])
})

test.for([
  ['GET', '/v1/purge'],
  ['POST', '/v1/status'],
  ['GET', '/'],
] as const)('%s %s is not there', async ([method, path]) => {
  const headers = { authorization: `Bearer ${secret}` }
  expect((await ask(stand.edge.control, { method, path, headers })).status).toBe(404)
})

test('the site port takes no purge', async () => {
  const options = { method: 'POST', path: '/v1/purge', headers: { host, authorization: `Bearer ${secret}` } }
  await ask(stand.edge.site, options, lines(command))
  expect(stand.asked[0]?.url).toBe('/v1/purge')
  expect(stand.edge.purges).toEqual([])
})

test('each request leaves a line with its time, its commands and its targets', async () => {
  await control(stand.edge, lines(command, { ...command, seq: 8, targets: ['/a', '/b'] }))
  expect(stand.edge.purges).toEqual([{ atMs: 1_700_000_000_123.456, seqs: [7, 8], targets: 3 }])
  await stand.edge.close()
  expect(readFileSync(path.join(folder, 'new', 'purges.log'), 'utf8')).toBe('1700000000123.456 7,8 3\n')
})

test('bytes that are no HTTP end their connection only', async () => {
  expect(await raw(stand.edge.control, '\x16\x03\x01hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
  expect((await stand.purge({ targets: ['/p'] })).status).toBe(200)
})
