import { type ChildProcess, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canonicalRequest, parseAuthorization, sameSignature, signV3 } from '#lib/core/signature.ts'

const program = path.resolve(import.meta.dirname, '../../../bin/freshet.mjs')
const secret = 'a-secret-of-the-stand'

type Received = { action: string; version: string; nonce: string; form: Record<string, string> }
type Reply =
  | { status?: number; body?: unknown; headers?: Record<string, string> }
  | 'hang up'
  | 'never'
  | 'interrupt'

/** What the stand answers, call by call; the last answer stays. */
let replies: Reply[] = []
let received: Received[] = []
let server: Server
/** The command that a reply interrupts. */
let running: ChildProcess | undefined
let folder = ''
const compiled = mkdtempSync(path.join(tmpdir(), 'freshet-compiled-'))
afterAll(() => rmSync(compiled, { recursive: true }))

/** A stand for a console: it checks signatures as one does, and answers what a test says. */
beforeEach(async () => {
  replies = []
  received = []
  folder = mkdtempSync(path.join(tmpdir(), 'freshet-client-'))
  server = createServer(async (request, response) => {
    const body = await text(request)
    received.push({
      action: String(request.headers['x-acs-action']),
      version: String(request.headers['x-acs-version']),
      nonce: String(request.headers['x-acs-signature-nonce']),
      form: Object.fromEntries(new URLSearchParams(body)),
    })
    const reply = isSigned(request.headers, body) ? nextReply() : refusal(400, 'SignatureDoesNotMatch')
    if (reply === 'hang up') request.socket.destroy()
    else if (reply === 'interrupt') running?.kill('SIGINT')
    else if (reply !== 'never')
      response.writeHead(reply.status ?? 200, reply.headers).end(JSON.stringify(reply.body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const nextReply = () =>
  (replies.length > 1 ? replies.shift() : replies[0]) ?? refusal(404, 'InvalidAction.NotFound')

function isSigned(headers: IncomingHttpHeaders, body: string): boolean {
  const {
    accessKeyId,
    signedHeaders = [],
    signature = '',
  } = parseAuthorization(headers.authorization ?? '') ?? {}
  const bodyHash = hash('sha256', body)
  const parts = {
    method: 'POST',
    query: [],
    headers: headers as Record<string, string>,
    signedHeaders,
    bodyHash,
  }
  const isWhole = ['host', 'x-acs-action', 'x-acs-date', 'x-acs-signature-nonce'].every((name) =>
    signedHeaders.includes(name),
  )
  const isFresh = Math.abs(Date.parse(String(headers['x-acs-date'])) - Date.now()) < 60_000
  return (
    accessKeyId === 'LTAI1' &&
    isWhole &&
    isFresh &&
    sameSignature(signature, signV3(canonicalRequest(parts), secret))
  )
}

const refusal = (status: number, Code: string): Reply => ({
  status,
  body: { Code, Message: `No, because of ${Code}.`, RequestId: 'R-1', HostId: 'h', Recommend: 'r' },
})
const accepted = (...ids: number[]): Reply => ({ body: { RefreshTaskId: ids.join(','), RequestId: 'R-1' } })

type CacheState = 'idle' | 'applied' | 'confirmed' | 'failed' | 'waits'

/** How far a task is on a cache or two, as a console tells it. */
function progress(State: string, ...states: CacheState[]): Reply {
  const Caches = states.map((state, index) => {
    const [taken, sure] = [state !== 'idle' && state !== 'waits', state === 'confirmed' || state === 'failed']
    return {
      ...{ Name: `cache-${index + 1}`, Pop: '', Tier: 'edge', Kind: 'varnish' },
      ...{ Applied: taken ? 1 : 0, AppliedMs: taken ? 120 : null },
      ...{ Confirmed: sure ? 1 : 0, ConfirmedMs: sure ? 5_250 : null },
      ...{ Failed: state === 'failed' ? 1 : 0, Cause: state === 'failed' ? 'rejected' : '', Detail: '' },
      ...{ WaitsFor: state === 'waits' ? 'unreachable' : '', WaitsDetail: '\x1b[2J\u202eECONN\u2066REFUSED' },
      ...{ WaitsSince: '2026-11-26T08:00:00.000Z', Paused: false },
    }
  })
  const all = (key: 'AppliedMs' | 'ConfirmedMs') =>
    Caches.some((one) => one[key] === null) ? null : Caches[0]?.[key]
  const times = {
    AcceptedAt: '2026-11-26T08:00:00Z',
    AppliedMs: all('AppliedMs'),
    ConfirmedMs: all('ConfirmedMs'),
  }
  const known = { TaskId: '1', Domain: 'a.example.com', Operation: 'purge', Method: 'url', Mode: 'hard' }
  const counts = { LineCount: 1, MissedLines: State === 'partial' ? 1 : 0, Commands: 1 }
  return { body: { RequestId: 'R-1', Tasks: [{ ...known, State, ...counts, ...times, Caches }] } }
}

/** What a shell of a pipeline has in its environment besides its own. */
function ownEnvironment(): Record<string, string> {
  const { port } = server.address() as AddressInfo
  return {
    XDG_CONFIG_HOME: folder,
    FRESHET_ENDPOINT: `http://127.0.0.1:${port}`,
    FRESHET_ACCESS_KEY_ID: 'LTAI1',
    FRESHET_ACCESS_KEY_SECRET: secret,
    FRESHET_PROFILE: '',
    // A start takes a fifth less where it is compiled already, and there are a hundred.
    NODE_COMPILE_CACHE: compiled,
  }
}

type Options = { input?: string; env?: Record<string, string>; program?: string }

/** Runs the command line as a shell would, in a folder of its own. */
async function freshet(args: string[], { input = '', env = {}, ...own }: Options = {}) {
  const child = spawn(process.execPath, [own.program ?? program, ...args], {
    cwd: folder,
    env: { ...process.env, ...ownEnvironment(), ...env },
  })
  running = child
  child.stdin.end(input)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const url = 'https://a.example.com/app.css'

describe('freshet purge', () => {
  it('sends lines from arguments, a file and the standard input, as they are', async () => {
    replies = [accepted(1)]
    writeFileSync(path.join(folder, 'urls.txt'), '\uFEFFa.example.com/1\r\n\r\n  a.example.com/2\n')
    const ended = await freshet(['purge', url, '-', '--file', 'urls.txt'], {
      input: "a.example.com/b c~*'()!中\n",
    })
    expect(ended).toEqual({ code: 0, out: '4 lines accepted: task 1\n', err: '' })
    const [call] = received
    expect(call).toMatchObject({ action: 'RefreshDcdnObjectCaches', version: '2018-01-15' })
    expect(call?.form).toEqual({
      ObjectPath: [url, 'a.example.com/1', 'a.example.com/2', "a.example.com/b c~*'()!中"].join('\n'),
      ObjectType: 'File',
      ClientToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it.each([
    [
      ['--directory', '--soft', '--note', 'release 42'],
      { ObjectType: 'Directory', Mode: 'soft', Note: 'release 42' },
    ],
    [['--regex', '--hard'], { ObjectType: 'Regex', Mode: 'hard' }],
    [['--ignore-params'], { ObjectType: 'IgnoreParams' }],
  ])('says with %j what it means', async (options, form) => {
    replies = [accepted(1)]
    await freshet(['purge', url, ...options])
    const { ClientToken, ...sent } = received[0]?.form ?? {}
    expect(sent).toEqual({ ObjectPath: url, ...form })
  })

  it('purges tags of a domain', async () => {
    replies = [accepted(1)]
    await freshet(['purge', '--tag', 'sale', '--tag', 'shoes', '--domain', 'a.example.com'])
    expect(received[0]?.action).toBe('RefreshDcdnObjectCacheByCacheTag')
    expect(received[0]?.form).toMatchObject({ DomainName: 'a.example.com', CacheTag: 'sale,shoes' })
  })

  it('splits a long list, and names all tasks', async () => {
    replies = [accepted(1), accepted(2, 3), accepted(4)]
    const input = Array.from({ length: 2_500 }, (_, n) => `a.example.com/${n}`).join('\n')
    const ended = await freshet(['purge', '-', '--json'], { input })
    expect(JSON.parse(ended.out)).toEqual({ TaskIds: ['1', '2', '3', '4'] })
    expect(received.map(({ form }) => form.ObjectPath?.split('\n').length)).toEqual([1_000, 1_000, 500])
    expect(new Set(received.map(({ form }) => form.ClientToken)).size).toBe(3)
  })

  it('says which lines were accepted when a later part is refused', async () => {
    replies = [accepted(1), refusal(400, 'QuotaExceeded.Refresh')]
    const input = Array.from({ length: 2_001 }, (_, n) => `a.example.com/${n}`).join('\n')
    const ended = await freshet(['purge', '-', '--wait', 'confirmed', '--json'], { input })
    expect(ended.code).toBe(3)
    expect(ended.err).toContain('No, because of QuotaExceeded.Refresh. (QuotaExceeded.Refresh, request R-1)')
    expect(ended.err).toContain(
      'Accepted before that: 1000 lines (1–1000), as task 1. Not accepted: 1001 lines (1001–2001).',
    )
    const { Code, TaskIds, NotSubmitted } = JSON.parse(ended.out)
    expect([Code, TaskIds, NotSubmitted.length]).toEqual(['QuotaExceeded.Refresh', ['1'], 1_001])
    expect(received.length).toBe(2)
  })

  it('names a refused line by its place in the list, not in the part that was sent', async () => {
    const refused = { Code: 'InvalidObjectPath.Malformed', Message: 'No. Line 2, “b”: no.', RequestId: 'R-1' }
    replies = [accepted(1), { status: 400, body: refused }]
    const input = Array.from({ length: 1_002 }, (_, n) => `a.example.com/${n}`).join('\n')
    const ended = await freshet(['purge', '-'], { input })
    expect(ended.err).toContain('No. Line 1002, “b”: no.')
  })

  it('says that it does not know whether a part was accepted that was not answered', async () => {
    replies = [accepted(1), { status: 404, body: '<html>' }]
    const input = Array.from({ length: 2_001 }, (_, n) => `a.example.com/${n}`).join('\n')
    const ended = await freshet(['purge', '-'], { input })
    expect([ended.code, ended.err]).toEqual([
      1,
      expect.stringContaining(
        'Accepted before that: 1000 lines (1–1000), as task 1. Not accepted: 1001 lines (1001–2001).\n' +
          'It is not known whether the console accepted 1000 lines (1001–2000); look with: freshet records\n',
      ),
    ])
  })
})

describe('a call', () => {
  it.each([
    ['was not answered', 'hang up'],
    ['failed in the console', refusal(500, 'InternalError')],
    ['came too often', refusal(429, 'Throttling.User')],
    ['came too often, as old products say it', refusal(503, 'Throttling.Api')],
  ] as const)('that %s is made again, and is the same submission', async (_, first) => {
    replies = [first, accepted(7)]
    const ended = await freshet(['purge', url])
    expect([ended.code, ended.out]).toEqual([0, '1 line accepted: task 7\n'])
    const [one, two] = received as [Received, Received]
    expect(two.form).toEqual(one.form)
    expect(two.nonce).not.toBe(one.nonce)
  })

  it('that came too often waits as long as it is told', async () => {
    replies = [
      { ...(refusal(429, 'TooManyRequests') as object), headers: { 'retry-after': '1' } },
      accepted(7),
    ]
    const startedMs = performance.now()
    await freshet(['purge', url])
    expect(performance.now() - startedMs).toBeGreaterThan(1_000)
  })

  it.each([
    ['something else than a console', { status: 404, body: '<html>' }],
    ['a page', { status: 200, body: undefined }],
    ['a redirect', { status: 301, headers: { location: 'https://other.example.com/' } }],
  ] as const)('that %s answers is a failure at once', async (_, reply) => {
    replies = [reply]
    const ended = await freshet(['quota'])
    expect(ended.code).toBe(1)
    expect(ended.err).toContain('not as a console does')
    expect(received.length).toBe(1)
  })
})

describe('an answer that is none', () => {
  const [task] = (progress('complete', 'confirmed') as { body: { Tasks: object[] } }).body.Tasks
  const page = (record: object) => ({ Tasks: { Task: [record] } })

  it.each([
    ...[{}, null, [], 'yes', { RefreshTaskId: 5 }, { RefreshTaskId: '' }, { RefreshTaskId: '1,' }].map(
      (body) => [['purge', url, '--wait', 'confirmed'], body] as const,
    ),
    [['prefetch', url], { RefreshTaskId: '1' }],
    [['prefetch', '--sitemap', `${url}.xml`], { Urls: url, Problem: '', Detail: '' }],
    [['quota'], { UrlQuota: '1' }],
    [['records'], { Tasks: [] }],
    [['records'], page({ TaskId: '1' })],
    ...[{}, { Tasks: {} }, { Tasks: [null] }, { Tasks: [{ ...task, State: 'incomplete' }] }].map(
      (body) => [['task', '1'], body] as const,
    ),
    [['task', '1', '--follow'], { Tasks: [{ ...task, Caches: [{ Name: 'edge' }] }] }],
  ] as const)('to %j, such as %j, is a failure', async (args, body) => {
    replies = [{ body }]
    const ended = await freshet([...args])
    expect([ended.code, ended.out, received.length]).toEqual([1, '', 1])
    expect(ended.err).toContain('answered with status 200, not as a console does.')
    expect(ended.err.includes('It is not known whether the console accepted line 1; look with')).toBe(
      args[0] === 'purge' || args[1] === url,
    )
  })

  it('to a submission leaves open whether it was accepted, in JSON too', async () => {
    replies = [{ body: {} }]
    const ended = await freshet(['purge', url, '--json'])
    expect(JSON.parse(ended.out)).toMatchObject({ Code: 'NoAnswer', TaskIds: [], NotSubmitted: [url] })
  })
})

describe('the exit code', () => {
  const wait = ['purge', url, '--wait']

  it('is 0 when all is confirmed, and the log says each step once', async () => {
    replies = [
      accepted(1),
      progress('running', 'applied', 'waits'),
      progress('running', 'confirmed', 'applied'),
      progress('complete', 'confirmed', 'confirmed'),
    ]
    const ended = await freshet([...wait, 'confirmed'])
    expect(ended.code).toBe(0)
    expect(ended.out.split('\n')).toEqual([
      '1 line accepted: task 1',
      'cache-1 applied after 0.12 s',
      'cache-2 waits since 2026-11-26T08:00:00Z: no connection ( [2J ECONN REFUSED)',
      'cache-1 confirmed after 5.25 s',
      'cache-2 applied after 0.12 s',
      'cache-2 confirmed after 5.25 s',
      'Confirmed on 2 caches after 5.25 s.',
      '',
    ])
    expect(received[1]).toMatchObject({
      action: 'DescribeTaskProgress',
      version: '2026-11-26',
      form: { TaskId: '1' },
    })
  })

  it('is 0 when all is applied and no more is awaited', async () => {
    replies = [accepted(1), progress('running', 'applied', 'applied')]
    expect((await freshet([...wait, 'applied'])).code).toBe(0)
  })

  it('is 1 when a cache failed', async () => {
    replies = [accepted(1), progress('partial', 'confirmed', 'failed')]
    const ended = await freshet([...wait, 'confirmed'])
    expect([ended.code, ended.out.split('\n').at(-2)]).toEqual([
      1,
      'Not done everywhere: cache-2 1 line failed: refused.',
    ])
  })

  it.each([
    [['purge'], 'There is no line.'],
    [['purge', url, '--wiat', 'applied'], 'Did you mean --wait?'],
    [['purge', url, '--wait', 'forever'], 'Write applied or confirmed.'],
    [['purge', url, '--timeout', '10m'], 'it needs --wait applied or --wait confirmed.'],
    [['purge', url, '--wait', 'applied', '--timeout', '10'], 'Write a time such as 90s, 10m or 2h.'],
    [['purge', url, '--soft', '--hard'], '--soft and --hard exclude each other.'],
    [['purge', url, '--directory', '--regex'], '--directory and --regex exclude each other'],
    [['purge', '--tag', 'sale'], '--tag needs --domain'],
    [['purge', url, '--tag', 'sale', '--domain', 'a.example.com'], '--tag takes no lines'],
    [['purge', '--file', 'nowhere.txt'], '--file cannot be read: ENOENT'],
    [['purge', '--file'], "Option '--file <value>' argument missing."],
    [['prefetch', url, '--header', 'Accept'], "Write 'NAME: VALUE'."],
    [['prefetch', url, '--sitemap', url], '--sitemap takes no other lines'],
    [['task'], 'Say which task'],
    [['records', '--limit', '0'], 'Write a number from 1 to'],
    [['purge', '--wait', url], `--wait is “${url}”. Write applied or confirmed.`],
    [['purge', url, '--endpoint', 'localhost:3000'], 'Write https://HOST or http://HOST, without a path.'],
    [['purge', url, '--profile', 'prod'], 'There is no profile “prod”'],
    [['help', 'prefecth'], 'Did you mean prefetch?'],
    [['pruge'], 'Did you mean purge?'],
  ])('is 2 for %j, and nothing is sent', async (args, sentence) => {
    const ended = await freshet(args)
    expect([ended.code, received.length]).toEqual([2, 0])
    expect(ended.err).toContain(sentence)
  })

  it('is 3 when the console refuses, also with a wrong secret', async () => {
    replies = [refusal(403, 'NoPermission')]
    const refused = await freshet(['quota'])
    expect(refused).toEqual({
      code: 3,
      out: '',
      err: 'No, because of NoPermission. (NoPermission, request R-1)\n',
    })
    const wrong = await freshet(['quota', '--json'], { env: { FRESHET_ACCESS_KEY_SECRET: 'wrong' } })
    expect([wrong.code, JSON.parse(wrong.out).Code]).toEqual([3, 'SignatureDoesNotMatch'])
  })

  it('is 3 when the key may purge and not look, and the tasks are named', async () => {
    replies = [accepted(1), refusal(403, 'NoPermission')]
    const ended = await freshet([...wait, 'confirmed', '--json'])
    expect([ended.code, JSON.parse(ended.out)]).toMatchObject([3, { Code: 'NoPermission', TaskIds: ['1'] }])
  })

  it('is 4 when the time is up, and it says what it waits for', async () => {
    replies = [accepted(1), progress('running', 'confirmed', 'waits')]
    const ended = await freshet([...wait, 'confirmed', '--timeout', '1s', '--json'])
    expect([ended.code, JSON.parse(ended.out).Outcome]).toEqual([4, 'waiting'])
    replies = [accepted(1), ...replies]
    const said = await freshet([...wait, 'confirmed', '--timeout', '1s'])
    expect([said.code, said.out]).toEqual([
      4,
      expect.stringContaining('Still waiting for 1 of 2 caches: cache-2 waits since 2026-11-26T08:00:00Z'),
    ])
    expect(said.out).toContain('look again with: freshet task 1 --follow')
  })

  it.each([
    ['hangs after the acceptance', [accepted(1), 'never'], [...wait, 'confirmed'], 'does not answer'],
    [
      'hangs later',
      [accepted(1), progress('running', 'waits'), 'never'],
      [...wait, 'confirmed'],
      'cache-1 waits',
    ],
    ['only fails', [refusal(503, 'ServiceUnavailable')], ['task', '1', '--follow'], 'No, because of'],
  ] as const)('is 4 when the time is up of a console that %s', async (_, answers, args, what) => {
    replies = [...answers]
    const startedMs = performance.now()
    const ended = await freshet([...args, '--timeout', '2s'])
    expect(performance.now() - startedMs).toBeLessThan(4_000)
    expect([ended.code, ended.out + ended.err]).toEqual([4, expect.stringContaining(what)])
    expect(ended.out + ended.err).toContain('look again with: freshet task 1 --follow')
  })

  it('is 130 when somebody interrupts, and the document says what is known', async () => {
    replies = [accepted(1), 'interrupt']
    const input = Array.from({ length: 1_001 }, (_, n) => `a.example.com/${n}`).join('\n')
    const ended = await freshet(['purge', '-', '--json'], { input })
    expect([ended.code, JSON.parse(ended.out)]).toEqual([
      130,
      {
        Code: 'Interrupted',
        Message: expect.stringContaining('freshet task 1 --follow'),
        TaskIds: ['1'],
        NotSubmitted: ['a.example.com/1000'],
      },
    ])
  })

  it('is 130 when somebody interrupts, and it says that the task goes on', async () => {
    replies = [accepted(1), progress('running', 'applied', 'waits'), 'interrupt']
    const ended = await freshet([...wait, 'confirmed'])
    expect(ended.code).toBe(130)
    expect(ended.err).toContain('It goes on by itself; look again with: freshet task 1 --follow')
  })

  it('comes from the tasks although the console does not answer for a while', async () => {
    replies = [
      accepted(1),
      progress('running', 'applied'),
      'hang up',
      refusal(503, 'ServiceUnavailable'),
      progress('complete', 'confirmed'),
    ]
    expect((await freshet([...wait, 'confirmed'])).code).toBe(0)
    expect(received.length).toBe(5)
  })
})

describe('freshet prefetch', () => {
  it('sends a hundred URLs a call, with headers as variants', async () => {
    replies = [{ body: { PreloadTaskId: '1', RequestId: 'R-1' } }]
    const input = Array.from({ length: 150 }, (_, n) => `https://a.example.com/${n}`).join('\n')
    const headers = ['--header', 'Accept-Encoding: br', '--header', 'Accept-Encoding: gzip']
    await freshet(['prefetch', '-', ...headers], { input })
    expect(received.map(({ form }) => form.ObjectPath?.split('\n').length)).toEqual([100, 50])
    expect(received[0]?.form.WithHeader).toBe('{"Accept-Encoding":["br","gzip"]}')
  })

  it('takes the files of a sitemap, and says how many others there are', async () => {
    replies = [
      { body: { Urls: ['https://a.example.com/', url], Found: 2, Problem: '', Detail: '' } },
      { body: { PreloadTaskId: '1' } },
    ]
    const sitemap = 'https://a.example.com/sitemap.xml'
    const ended = await freshet(['prefetch', '--sitemap', sitemap])
    expect([ended.code, ended.err]).toEqual([0, '1 of 2 URLs end with / and are left out.\n'])
    expect(received[0]).toMatchObject({
      action: 'ReadSitemap',
      version: '2026-11-26',
      form: { Url: sitemap },
    })
    expect(received[1]?.form.ObjectPath).toBe(url)
  })

  it('fails where a sitemap gives nothing', async () => {
    replies = [{ body: { Urls: [], Found: 0, Problem: 'status', Detail: '404' } }]
    const ended = await freshet(['prefetch', '--sitemap', 'https://a.example.com/sitemap.xml'])
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('gave no files: status 404.')])
  })
})

describe('freshet task', () => {
  it('shows how far it is, and its exit code says so', async () => {
    replies = [progress('running', 'confirmed', 'waits')]
    const ended = await freshet(['task', '1'])
    expect([ended.code, received.length]).toEqual([4, 1])
    expect(ended.out).toContain('cache-1 confirmed after 5.25 s\ncache-2 waits since')
  })

  it('follows it, with --json a line for each change', async () => {
    replies = [
      progress('running', 'applied'),
      progress('running', 'applied'),
      progress('complete', 'confirmed'),
    ]
    const ended = await freshet(['task', '1', '--follow', '--json'])
    const lines = ended.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).State)
    expect([ended.code, lines]).toEqual([0, ['running', 'complete']])
  })

  it('that is not there is refused', async () => {
    replies = [{ body: { Tasks: [], RequestId: 'R-1' } }]
    const ended = await freshet(['task', '99'])
    expect([ended.code, ended.err]).toEqual([3, 'There is no task 99, or you may not see it.\n'])
  })
})

describe('freshet records and quota', () => {
  const record = (TaskId: string, CreationTime: string) => ({
    ...{ TaskId, CreationTime, ObjectPath: url, ObjectType: 'file', Status: 'Failed', Process: '40' },
    Description: 'OriginTimeout',
  })
  const page = (...Task: object[]): Reply => ({ body: { TotalCount: Task.length, Tasks: { Task } } })

  it('asks for every type where there is a filter that wants one, newest first', async () => {
    replies = [
      page(record('1', '2026-11-26T08:00:00Z')),
      page(),
      page(record('2', '2026-11-26T09:00:00Z')),
      page(),
    ]
    const ended = await freshet([
      'records',
      '--domain',
      'a.example.com',
      '--status',
      'failed',
      '--since',
      '2h',
    ])
    expect(
      received
        .map(({ form }) => form.ObjectType)
        .sort()
        .join(' '),
    ).toBe('directory file ignoreparams preload regex tag')
    expect(received[0]?.form).toMatchObject({ DomainName: 'a.example.com', Status: 'Failed', PageSize: '20' })
    const { StartTime = '', EndTime = '' } = received[0]?.form ?? {}
    expect(Date.parse(EndTime) - Date.parse(StartTime)).toBe(7_200_000)
    expect(ended.out).toBe(
      `2026-11-26T09:00:00Z  2  file       Failed 40%       ${url}  (OriginTimeout)\n` +
        `2026-11-26T08:00:00Z  1  file       Failed 40%       ${url}  (OriginTimeout)\n`,
    )
  })

  it('reads as many pages as are wanted', async () => {
    const full = page(...Array.from({ length: 50 }, (_, n) => record(String(n), '2026-11-26T08:00:00Z')))
    replies = [full, full, page()]
    const ended = await freshet(['records', '--limit', '70', '--json'])
    expect([JSON.parse(ended.out).Tasks.length, received.map(({ form }) => form.PageNumber)]).toEqual([
      70,
      ['1', '2'],
    ])
  })

  it('shows what is left', async () => {
    replies = [quotas()]
    const ended = await freshet(['quota'])
    expect(ended.out.split('\n')[0]).toBe('URLs                      7 of 10 left today')
    expect(ended.out.trimEnd().split('\n').length).toBe(5)
  })
})

function quotas(): Reply {
  const pools = ['Url', 'Dir', 'Regex', 'IgnoreParams', 'Preload']
  const fields = pools.map((pool) => ({ [`${pool}Quota`]: '10', [`${pool}Remain`]: '7' }))
  return { body: Object.assign({}, ...fields) }
}

describe('freshet configure', () => {
  it('takes the secret from the standard input, and the profile works', async () => {
    const { port } = server.address() as AddressInfo
    const where = ['--endpoint', `http://127.0.0.1:${port}`, '--access-key-id', 'LTAI1']
    replies = [quotas()]
    const written = await freshet(['configure', ...where], { input: `${secret}\n` })
    const file = path.join(folder, 'freshet/profiles.json')
    expect(written.out).toBe(`Wrote the profile “default” to ${file}. The console takes its key.\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(written.out + written.err).not.toContain(secret)
    replies = [accepted(1)]
    const env = { FRESHET_ENDPOINT: '', FRESHET_ACCESS_KEY_ID: '', FRESHET_ACCESS_KEY_SECRET: '' }
    expect((await freshet(['purge', url], { env })).code).toBe(0)
    expect(JSON.parse(readFileSync(file, 'utf8')).default.accessKeySecret).toBe(secret)
  })

  it.each([
    ['NoPermission', 403, 0, ' The console takes its key.', ''],
    ['SignatureDoesNotMatch', 400, 3, '', 'The secret is not that of the key.'],
    ['InvalidAccessKeyId.NotFound', 404, 3, '', 'InvalidAccessKeyId.NotFound'],
  ])('tries the key: %s', async (errorCode, status, code, praise, sentence) => {
    const { port } = server.address() as AddressInfo
    replies = [refusal(status, errorCode)]
    const where = ['--endpoint', `http://127.0.0.1:${port}`, '--access-key-id', 'LTAI1']
    const ended = await freshet(['configure', ...where], { input: secret })
    const file = path.join(folder, 'freshet/profiles.json')
    expect(ended.code).toBe(code)
    expect(ended.out).toBe(`Wrote the profile “default” to ${file}.${praise}\n`)
    expect(ended.err).toContain(sentence)
  })

  it.each([
    [['--access-key-id', 'LTAI1'], 's', '--endpoint is missing.'],
    [
      ['--endpoint', 'https://a.example.com', '--access-key-id', 'LTAI1'],
      '',
      'The secret of the access key is empty',
    ],
    [['--endpoint', 'https://a.example.com', '--access-key-id', 'LTAI\n1'], 's', 'The id of the access key'],
    [['--secret', 's'], '', 'There is no option --secret here.'],
  ])('with %j and the secret “%s” is refused', async (args, input, sentence) => {
    const ended = await freshet(['configure', ...args], { input })
    expect([ended.code, ended.err]).toEqual([2, expect.stringContaining(sentence)])
  })
})

describe('the action for GitHub', () => {
  const file = path.resolve(path.dirname(program), '../docs/github-action/action.yml')
  const action = readFileSync(file, 'utf8')

  it.each([
    ['complete', 'confirmed', 0],
    ['partial', 'failed', 1],
  ] as const)('with a task that is %s ends as the command line does', async (state, cacheState, code) => {
    replies = [accepted(1), progress(state, cacheState)]
    const [, script = ''] = /^ {6}run: \|\n([\s\S]+)/m.exec(action) ?? []
    const inputs = { URLS: `${url}\nhttps://a.example.com/$(touch here)`, WAIT: 'confirmed', TIMEOUT: '10m' }
    const github = {
      GITHUB_ACTION_PATH: path.dirname(file),
      GITHUB_REPOSITORY: 'me/shop',
      GITHUB_SHA: '4f2a',
    }
    const child = spawn('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: folder,
      env: { ...process.env, ...ownEnvironment(), ...inputs, ...github },
    })
    expect(await once(child, 'close')).toEqual([code, null])
    expect(received[0]?.form).toMatchObject({ ObjectPath: inputs.URLS, Note: 'me/shop 4f2a' })
  })

  it('hands secrets and lines over by the environment alone', () => {
    const scripts = action.split(/^ {6}run: \|$/m).slice(1)
    expect(scripts).toHaveLength(1)
    expect(scripts[0]).not.toContain('${{')
  })
})

describe('in an installed package', () => {
  const installed = () => path.join(folder, 'node_modules/freshet/bin/freshet.mjs')

  beforeEach(() => {
    const root = path.dirname(path.dirname(program))
    for (const part of ['package.json', 'bin', 'lib/cli', 'lib/core'])
      cpSync(path.join(root, part), path.join(folder, 'node_modules/freshet', part), { recursive: true })
  })

  it('it works without any other package, and without a warning', async () => {
    replies = [accepted(1)]
    const ended = await freshet(['purge', url], { program: installed() })
    expect(ended).toEqual({ code: 0, out: '1 line accepted: task 1\n', err: '' })
  })

  it('what needs a clone says so', async () => {
    const ended = await freshet(['start'], { program: installed() })
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('needs a clone of the repository')])
  })
})

it.each([[['help']], [[]], [['--help']]])('freshet %j lists the commands', async (args) => {
  const ended = await freshet(args)
  expect(ended.code).toBe(0)
  expect(ended.out).toContain('purge URL… | -')
})

it.each(['purge', 'prefetch', 'task', 'records', 'quota', 'configure'])(
  'freshet %s --help shows examples',
  async (name) => {
    const ended = await freshet([name, '--help'])
    expect([ended.code, ended.out]).toEqual([
      0,
      expect.stringMatching(/--endpoint[\s\S]+Examples:\n {2}.*freshet/),
    ])
  },
)
