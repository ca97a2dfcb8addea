import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Command } from '#lib/core/command.ts'
import type { Cause, Driver, DriverKind } from './driver.ts'

/** An origin for tests: it answers what it was told last, and logs what it was asked. */
export type ContractOrigin = {
  set(path: string, page: ContractPage): void
  requests: readonly { host: string; path: string; status?: number }[]
}

export type ContractPage = {
  body: string
  headers?: Record<string, string>
  delayBeforeHeadersMs?: number
  delayInBodyMs?: number
}

export type ContractAnswer = {
  status: number
  body: string
  headers: Record<string, string | string[] | undefined>
}

/** A real cache with an origin behind it, and `get` as its visitors get. */
export type ContractCache = {
  kind: DriverKind
  address: string
  secret: string
  get(host: string, path: string, headers?: Record<string, string>): Promise<ContractAnswer>
  origin: ContractOrigin
  stop(): Promise<void>
}

/** The domains that the cache must serve from its origin. */
export const contractDomains = ['one.contract.test', 'two.contract.test'] as const
const [one, two] = contractDomains

/** How long the caller of a driver lets a batch take. */
const deadlineMs = 3_000

/** What every driver must do, on the real cache. Only the origin's log and the bodies are believed. */
export function driverContract(name: string, setUp: () => Promise<ContractCache>): void {
  describe(`the ${name} driver`, () => {
    const stand = new Stand(setUp)
    beforeAll(() => stand.start(), 30_000)
    afterAll(() => stand.stop())
    describe('removes', () => testHard(stand))
    describe('revalidates', () => testSoft(stand))
    describe('names', () => testNames(stand))
    describe('outruns a fetch under way', () => testRaces(stand))
    describe('takes no other answer for a purge', () => testAnswers(stand))
    describe('probes', () => testProbe(stand))
  })
}

type Purge = Partial<Command> & { targets: string[] }

/** The cache of one contract, its driver, and the few things that all tests do with them. */
class Stand {
  readonly #setUp: () => Promise<ContractCache>
  cache!: ContractCache
  driver!: Driver

  constructor(setUp: () => Promise<ContractCache>) {
    this.#setUp = setUp
  }

  async start() {
    this.cache = await this.#setUp()
    this.driver = this.cache.kind.open(this.cache)
  }

  async stop() {
    await this.driver?.close()
    await this.cache?.stop()
  }

  publish(path: string, body: string, page?: Omit<ContractPage, 'body'>) {
    this.cache.origin.set(path, { ...page, body })
  }

  async visit(path: string, host: string = one, headers?: Record<string, string>): Promise<string> {
    return (await this.cache.get(host, path, headers)).body
  }

  /** Publishes and fetches, so that the cache holds it from now on. */
  async store(paths: string[], body: string, host: string = one) {
    for (const path of paths) {
      this.publish(path, body)
      expect(await this.visit(path, host)).toBe(body)
    }
  }

  /** Which of these paths the cache still answers by itself. */
  async kept(paths: string[], host: string = one): Promise<string[]> {
    const kept: string[] = []
    for (const path of paths) {
      const before = this.asked(path, host).length
      await this.visit(path, host)
      if (this.asked(path, host).length === before) kept.push(path)
    }
    return kept
  }

  /** The statuses that the origin answered for a path, in order. */
  asked(path: string, host: string = one): (number | undefined)[] {
    const { requests } = this.cache.origin
    return requests.filter((each) => each.path === path && each.host === host).map((each) => each.status)
  }

  deliver(...purges: Purge[]) {
    return this.driver.deliver(purges.map(commandOf), AbortSignal.timeout(deadlineMs))
  }

  async purge(...purges: Purge[]) {
    expect(await this.deliver(...purges)).toEqual(purges.map(() => ({ kind: 'done' })))
  }
}

function commandOf(purge: Purge, index: number): Command {
  return { seq: index + 1, domain: one, kind: 'url', mode: 'hard', ...purge }
}

function testHard(stand: Stand) {
  test('a URL, and fetches it anew though it is unchanged', async () => {
    await stand.store(['/hard'], 'same')
    expect(await stand.kept(['/hard'])).toEqual(['/hard'])
    await stand.purge({ targets: ['/hard'] })
    expect(await stand.visit('/hard')).toBe('same')
    expect(stand.asked('/hard')).toEqual([200, 200])
  })

  test('a URL that changed', async () => {
    await stand.store(['/hard/changed'], 'old')
    stand.publish('/hard/changed', 'new')
    expect(await stand.visit('/hard/changed')).toBe('old')
    await stand.purge({ targets: ['/hard/changed'] })
    expect(await stand.visit('/hard/changed')).toBe('new')
    expect(await stand.kept(['/hard/changed'])).toEqual(['/hard/changed'])
  })

  test('all variants of a URL', async () => {
    const languages = ['de', 'fr', 'zh']
    const visitAll = () =>
      Promise.all(languages.map((language) => stand.visit('/vary', one, { 'accept-language': language })))
    const vary = { headers: { Vary: 'Accept-Language' } }
    stand.publish('/vary', 'old', vary)
    await visitAll()
    expect(stand.asked('/vary')).toHaveLength(3)
    stand.publish('/vary', 'new', vary)
    expect(await visitAll()).toEqual(['old', 'old', 'old'])
    await stand.purge({ targets: ['/vary'] })
    expect(await visitAll()).toEqual(['new', 'new', 'new'])
  })

  test('one URL and no other, on one domain and no other', async () => {
    const others = ['/a', '/a/b/', '/a/b/c', '/a/b?x=1&y=2', '/a/b?', '/a/b?x=1&', '/a/B?x=1', '/a/b%3Fx=1']
    await stand.store([...others, '/a/b?x=1', '/a/b'], 'page')
    await stand.store(['/a/b?x=1'], 'page', two)
    await stand.purge({ targets: ['/a/b?x=1'] })
    expect(await stand.kept([...others, '/a/b?x=1', '/a/b'])).toEqual([...others, '/a/b'])
    expect(await stand.kept(['/a/b?x=1'], two)).toEqual(['/a/b?x=1'])
  })

  test('what is below a directory', async () => {
    const below = ['/d/e/', '/d/e/f', '/d/e/f?g=/h', '/d/e/f/g/h', '/d/e/?x']
    const others = ['/d/e', '/d/ef', '/d/', '/d/f/e/', '/x?y=/d/e/f']
    await stand.store([...below, ...others], 'page')
    await stand.store(below, 'page', two)
    await stand.purge({ kind: 'directory', targets: ['/d/e/'] })
    expect(await stand.kept([...below, ...others])).toEqual(others)
    expect(await stand.kept(below, two)).toEqual(below)
  })

  test('a URL whatever its parameters', async () => {
    const all = ['/p', '/p?', '/p?x=1', '/p?x=1&y=/2']
    const others = ['/p/', '/p/q', '/pp?x=1', '/q?/p']
    await stand.store([...all, ...others], 'page')
    await stand.purge({ kind: 'ignore-parameters', targets: ['/p'] })
    expect(await stand.kept([...all, ...others])).toEqual(others)
  })

  test('everything of one domain', async () => {
    const all = ['/', '/e', '/e/f/g', '/?x']
    await stand.store(all, 'page')
    await stand.store(all, 'page', two)
    await stand.purge({ kind: 'everything', targets: [] })
    expect(await stand.kept(all)).toEqual([])
    expect(await stand.kept(all, two)).toEqual(all)
  })

  test('a URL again when a command is repeated, and nothing when it was not there', async () => {
    await stand.store(['/again'], 'page')
    await stand.purge({ targets: ['/again'] }, { targets: ['/again', '/never-seen'] })
    await stand.purge({ targets: ['/again'] })
    expect(await stand.kept(['/again'])).toEqual([])
    await stand.purge({ targets: ['/again'] })
    expect(await stand.kept(['/again'])).toEqual([])
  })

  test('1,000 URLs of two domains in ten commands', async () => {
    const targets = Array.from({ length: 500 }, (_, index) => `/many/${index}/image-${index}.jpg?v=${index}`)
    await Promise.all([one, two].map((domain) => stand.store(targets, 'page', domain)))
    const commands = Array.from({ length: 5 }, (_, index) => targets.slice(index * 100, index * 100 + 100))
    await stand.purge(...[one, two].flatMap((domain) => commands.map((each) => ({ domain, targets: each }))))
    const kept = await Promise.all([one, two].map((domain) => stand.kept(targets, domain)))
    expect(kept).toEqual([[], []])
  }, 20_000)
}

function testSoft(stand: Stand) {
  test('a URL, and keeps it when it is unchanged', async () => {
    await stand.store(['/soft'], 'same')
    await stand.purge({ mode: 'soft', targets: ['/soft'] })
    expect(await stand.visit('/soft')).toBe('same')
    expect(stand.asked('/soft')).toEqual([200, 304])
    expect(await stand.kept(['/soft'])).toEqual(['/soft'])
    await stand.purge({ targets: ['/soft'] })
    expect(await stand.kept(['/soft'])).toEqual([])
  })

  test('a URL that changed', async () => {
    await stand.store(['/soft/changed'], 'old')
    stand.publish('/soft/changed', 'new')
    await stand.purge({ mode: 'soft', targets: ['/soft/changed'] })
    expect(await stand.visit('/soft/changed')).toBe('new')
    expect(stand.asked('/soft/changed')).toEqual([200, 200])
  })

  test.for([
    ['directory', ['/soft/d/']],
    ['ignore-parameters', ['/soft/d/e']],
    ['everything', []],
  ] as const)('what a purge of kind %s covers', async ([kind, targets]) => {
    await stand.store(['/soft/d/e?f'], `page of ${kind}`)
    const before = stand.asked('/soft/d/e?f').length
    await stand.purge({ kind, mode: 'soft', targets: [...targets] })
    expect(await stand.visit('/soft/d/e?f')).toBe(`page of ${kind}`)
    expect(stand.asked('/soft/d/e?f').slice(before)).toEqual([304])
    await stand.purge({ kind, targets: [...targets] })
  })
}

/** Every character that a line of a submission may have, and escapes that could be taken for one. */
const characters = [..."!$&'()*+,-./:;=@[]_|~", '%25', '%20', '%2C', '%2F', '%3F', '%E4%B8%AD', 'A', 'a', '0']

function testNames(stand: Stand) {
  test.for([
    ['path', (character: string) => `/names/x${character}y`],
    ['query', (character: string) => `/names?x${character}y`],
    ['directory', (character: string) => `/names/x${character}y/`],
  ] as const)('with every character in the %s', async ([kind, pathOf]) => {
    const paths = characters.map(pathOf)
    const [even, odd] = [0, 1].map((rest) => paths.filter((_, index) => index % 2 === rest)) as [
      string[],
      string[],
    ]
    await stand.store(paths, 'page')
    await stand.purge({ kind: kind === 'directory' ? kind : 'url', targets: even })
    expect(await stand.kept(paths)).toEqual(odd)
    await stand.purge({ targets: odd })
    expect(await stand.kept(odd)).toEqual([])
  })

  test('of 1,024 characters', async () => {
    const long = (start: string) => start.padEnd(1_020, 'long') + start.slice(-4)
    const paths = ['/1/a', '/1/b', '/1/?a', '/1/?b'].map(long)
    expect(paths[0]).toHaveLength(1_024)
    await stand.store(paths, 'page')
    await stand.purge({ targets: [paths[0] as string, paths[2] as string] })
    expect(await stand.kept(paths)).toEqual([paths[1], paths[3]])
  })

  test('of 1,024 characters, 200 times', async () => {
    const paths = Array.from({ length: 200 }, (_, index) => `/200/${index}/`.padEnd(1_024, 'long'))
    await stand.store(paths, 'page')
    await stand.purge({ targets: paths })
    expect(await stand.kept(paths)).toEqual([])
  })

  test('of directories twelve deep', async () => {
    const deep = `/${'deep/'.repeat(12)}`
    await stand.store([`${deep}a`, `${deep}b/c/d/e/f`, deep.slice(0, -1)], 'page')
    await stand.purge({ kind: 'directory', targets: [deep] })
    expect(await stand.kept([`${deep}a`, `${deep}b/c/d/e/f`, deep.slice(0, -1)])).toEqual([deep.slice(0, -1)])
  })
}

function testRaces(stand: Stand) {
  // Real delays: the purge has to arrive while the origin is answering.
  test.for([
    ['before its headers', { delayBeforeHeadersMs: 150 }],
    ['within its body', { delayInBodyMs: 150 }],
  ] as const)('that is held up %s', async ([where, slow]) => {
    const path = `/race/${where.replaceAll(' ', '-')}`
    stand.publish(path, 'old', slow)
    const early = stand.visit(path)
    await vi.waitFor(() => expect(stand.asked(path)).toHaveLength(1), { interval: 5 })
    stand.publish(path, 'new')
    await stand.purge({ targets: [path] })
    await early
    await stand.purge({ targets: [path] })
    expect(await stand.visit(path)).toBe('new')
    expect(await stand.kept([path])).toEqual([path])
  })
}

type Impostor = { says: string; answers: RequestListener; cause: Cause }

const page = (status: number, headers: Record<string, string> = {}): RequestListener => {
  return (_, answer) =>
    answer.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end('<p>Hello</p>')
}

/** What may listen where a cache was expected. */
const impostors: Impostor[] = [
  { says: '200 and a web page', answers: page(200), cause: 'unexpected' },
  { says: '200 and nothing', answers: (_, answer) => answer.end(), cause: 'unexpected' },
  { says: '204', answers: (_, answer) => answer.writeHead(204).end(), cause: 'unexpected' },
  { says: '301', answers: page(301, { Location: '/' }), cause: 'unexpected' },
  { says: '307', answers: page(307, { Location: 'http://127.0.0.1:1/' }), cause: 'unexpected' },
  { says: '400', answers: page(400), cause: 'unexpected' },
  { says: '401', answers: page(401), cause: 'credentials' },
  { says: '403', answers: page(403), cause: 'credentials' },
  { says: '404', answers: page(404), cause: 'unexpected' },
  { says: '405', answers: page(405), cause: 'unexpected' },
  { says: '503', answers: page(503), cause: 'unexpected' },
  { says: 'nothing, ever', answers: () => {}, cause: 'timeout' },
  {
    says: 'half an answer, then nothing',
    answers: (_, answer) => void answer.write('half'),
    cause: 'timeout',
  },
  { says: 'nothing, and closes', answers: (question) => question.socket.destroy(), cause: 'dropped' },
  {
    says: 'half an answer, and closes',
    answers: (question, answer) => {
      answer.writeHead(200, { 'Content-Length': '9' }).write('half', () => question.socket.destroy())
    },
    cause: 'dropped',
  },
  { says: 'no HTTP', answers: (question) => question.socket.end('220 smtp ready\r\n'), cause: 'unexpected' },
]

function testAnswers(stand: Stand) {
  test.for(impostors)('from a listener that says $says', async ({ answers, cause }) => {
    const listener = await listen(createHttpServer(answers))
    const driver = stand.cache.kind.open({ address: listener.address, secret: stand.cache.secret })
    const commands = [commandOf({ targets: ['/a'] }, 0), commandOf({ targets: ['/b'], domain: two }, 1)]
    const again = { kind: 'again', scope: 'cache', cause, detail: expect.stringMatching(/^.{1,300}$/) }
    expect(await driver.deliver(commands, AbortSignal.timeout(200))).toEqual([again, again])
    expect(await driver.probe(AbortSignal.timeout(200))).toMatchObject({ ok: false, cause })
    await driver.close()
    await listener.stop()
  })

  test('from nobody', async () => {
    const listener = await listen(createServer())
    await listener.stop()
    const driver = stand.cache.kind.open({ address: listener.address, secret: stand.cache.secret })
    const startMs = performance.now()
    const outcomes = await driver.deliver(
      [commandOf({ targets: ['/a'] }, 0)],
      AbortSignal.timeout(deadlineMs),
    )
    expect(outcomes).toMatchObject([{ kind: 'again', scope: 'cache', cause: 'unreachable' }])
    expect(performance.now() - startMs).toBeLessThan(deadlineMs)
    await driver.close()
  })

  test('from the cache, when the secret is wrong', async () => {
    await stand.store(['/secret'], 'page')
    const driver = stand.cache.kind.open({ ...stand.cache, secret: 'not-the-secret' })
    const outcomes = await driver.deliver(
      [commandOf({ targets: ['/secret'] }, 0)],
      AbortSignal.timeout(deadlineMs),
    )
    expect(outcomes).toMatchObject([{ kind: 'again', scope: 'cache', cause: 'credentials' }])
    expect(JSON.stringify(outcomes)).not.toContain('not-the-secret')
    expect(await stand.kept(['/secret'])).toEqual(['/secret'])
    await driver.close()
  })

  test('from an idle connection that the cache closed; it opens another', async () => {
    const proxy = await listen(createServer((socket) => closeOnReuse(socket, stand.cache.address)))
    const driver = stand.cache.kind.open({ ...stand.cache, address: proxy.address })
    for (const path of ['/idle/1', '/idle/2', '/idle/3']) {
      await stand.store([path], 'page')
      const outcomes = await driver.deliver(
        [commandOf({ targets: [path] }, 0)],
        AbortSignal.timeout(deadlineMs),
      )
      expect(outcomes).toEqual([{ kind: 'done' }])
      expect(await stand.kept([path])).toEqual([])
    }
    await driver.close()
    await proxy.stop()
  })

  test('when there is nothing to do', async () => {
    expect(await stand.deliver()).toEqual([])
  })
}

function testProbe(stand: Stand) {
  test('and proves that a purge works', async () => {
    const result = await stand.driver.probe(AbortSignal.timeout(deadlineMs))
    expect(result).toMatchObject({ ok: true, ms: expect.any(Number) })
    expect(result.proved).toEqual(expect.arrayContaining(['reachable', 'authorised', 'purged']))
  })

  test('and says that the secret is wrong', async () => {
    const driver = stand.cache.kind.open({ ...stand.cache, secret: 'not-the-secret' })
    const result = await driver.probe(AbortSignal.timeout(deadlineMs))
    expect(result).toMatchObject({ ok: false, cause: 'credentials', proved: ['reachable'] })
    await driver.close()
  })

  test('and says that nobody listens', async () => {
    const driver = stand.cache.kind.open({ ...stand.cache, address: 'http://127.0.0.1:1' })
    const result = await driver.probe(AbortSignal.timeout(deadlineMs))
    expect(result).toMatchObject({ ok: false, cause: 'unreachable', proved: [] })
    await driver.close()
  })
}

/** A proxy that lets one exchange through and closes the connection under the next. */
function closeOnReuse(socket: Socket, address: string) {
  const { hostname, port } = new URL(address)
  const onward = connect(Number(port), hostname)
  let answered = false
  onward.on('data', (data) => {
    answered = true
    socket.write(data)
  })
  socket.on('data', (data) => (answered ? socket.destroy() : onward.write(data)))
  socket.on('close', () => onward.destroy()).on('error', () => {})
  onward.on('close', () => socket.destroy()).on('error', () => {})
}

/** Listens on a free port of loopback. */
async function listen(server: Server) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { address: `http://127.0.0.1:${port}`, stop }
}
