import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { normaliseTarget } from '#lib/core/spelling.ts'
import type { Edge } from './server.ts'
import { ask, gate, host, open, raw, TestStand } from './test-stand.ts'

let stand: TestStand
let nowMs = 0
const clock = { wallMs: () => 1_000_000_000_000, monotonicMs: () => nowMs }

beforeEach(async () => {
  nowMs = 0
  stand = new TestStand()
  await stand.start({ clock, maxBytes: 1_000_000, maxObjectBytes: 100_000 })
})
afterEach(() => stand.stop())

const said = (told: { headers: Record<string, unknown> }) => told.headers['cache-status']

describe('what is stored', () => {
  test('a second visitor is answered from the cache, and told how old it is', async () => {
    stand.serve()
    const first = await stand.get('/p')
    nowMs = 7_900
    const second = await stand.get('/p')
    expect([first.body, second.body]).toEqual(['1', '1'])
    expect(said(first)).toBe('freshet-test; fwd=uri-miss; fwd-status=200; stored')
    expect(said(second)).toBe('freshet-test; hit; ttl=53')
    expect(second.headers).toMatchObject({ age: '7', via: '1.1 freshet-test', 'content-length': '1' })
    expect(stand.asked).toHaveLength(1)
  })

  test('host, path and query make the key; port, case of the host and spelling of the path do not', async () => {
    stand.serve()
    const same = [
      await stand.get('/caf%C3%A9?x=1'),
      await stand.get('/%63af%c3%a9?x=1', { host: 'A.test:8080' }),
      await stand.get(`http://${host}/caf%C3%A9?x=1`, { host: 'other.test' }),
    ]
    expect(same.map(({ body }) => body)).toEqual(['1', '1', '1'])
    const others = [await stand.get('/caf%C3%A9?x=2'), await stand.get('/caf%C3%A9?x=1', { host: 'b.test' })]
    expect(others.map(({ body }) => body)).toEqual(['2', '3'])
    expect(stand.asked.map(({ headers }) => headers.host)).toEqual([host, host, 'b.test'])
  })

  test('the spellings of a URL have one copy, and the origin is asked in the one that makes the key', async () => {
    stand.serve()
    const spellings = [
      ['/q?a={1}', '/q?a=%7B1%7D', '/q?a=%7b1%7d'],
      ['/q?a=x^y', '/q?a=x%5Ey'],
      ['/q?a=x`y', '/q?a=x%60y'],
      ['/q?a=x\\y', '/q?a=x%5cy'],
      ["/o'b?a='z'", '/o%27b?a=%27z%27'],
      ['/q?a[]=x|y', '/q?a%5B%5D=x%7Cy'],
    ]
    for (const same of spellings) {
      for (const target of same) {
        stand.asked = []
        for (const path of same) await stand.get(path)
        expect(stand.asked.map(({ url }) => url)).toEqual([normaliseTarget(target)])
        await stand.purge({ targets: [target] })
      }
    }
  })

  test('each variant that Vary tells apart is stored', async () => {
    stand.serve({ 'cache-control': 'max-age=60', vary: 'Accept-Language' })
    const visit = async (language: string) => stand.get('/p', { 'accept-language': language })
    expect((await visit('de')).body).toBe('1')
    const french = await visit('fr')
    expect([french.body, said(french)]).toEqual(['2', 'freshet-test; fwd=vary-miss; fwd-status=200; stored'])
    expect([(await visit('de')).body, (await visit('fr')).body, (await stand.get('/p')).body]).toEqual([
      '1',
      '2',
      '3',
    ])
  })

  describe('by what the origin was sent', () => {
    const reply = (answer: ServerResponse, vary: string, told: string) => {
      const fields = { 'cache-control': 'max-age=60', 'content-length': told.length, vary }
      answer.writeHead(200, fields).end(told)
    }
    /** The origin answers with what it was told in a field, as it came. */
    const echo = (name: string) => {
      stand.answers = (question, answer) => {
        const told = question.headersDistinct[name]?.join(' and ') ?? 'nothing'
        reply(answer, name, told)
      }
    }
    const visit = async (...fields: string[]) => {
      const lines = [`Host: ${host}`, 'Connection: close', ...fields].join('\r\n')
      return (await raw(stand.edge.site, `GET /p HTTP/1.1\r\n${lines}\r\n\r\n`)).split('\r\n\r\n')[1]
    }

    test('and not by a field that the visitor keeps for this connection', async () => {
      echo('accept-language')
      expect(await visit('Accept-Language: de', 'Connection: Accept-Language')).toBe('nothing')
      expect(await visit('Accept-Language: de')).toBe('de')
      expect(await visit()).toBe('nothing')
      expect(stand.asked).toHaveLength(2)
    })

    test('by all lines of a field', async () => {
      echo('user-agent')
      const two = ['User-Agent: victim/1', 'User-Agent: evil/9']
      expect(await visit(...two)).toBe('victim/1 and evil/9')
      expect(await visit('User-Agent: victim/1')).toBe('victim/1')
      expect(await visit(...two)).toBe('victim/1 and evil/9')
      expect(stand.asked).toHaveLength(2)
    })

    test('and what shares a fetch is told apart alike', async () => {
      const held = gate()
      stand.answers = async (question, answer) => {
        const told = question.headers['accept-language'] ?? 'nothing'
        await held.opened
        reply(answer, 'accept-language', told)
      }
      const first = visit('Accept-Language: de', 'Connection: Accept-Language')
      await vi.waitFor(() => expect(stand.asked).toHaveLength(1))
      const second = visit('Accept-Language: de')
      held.open()
      expect([await first, await second]).toEqual(['nothing', 'de'])
    })
  })

  describe('by who accepts gzip', () => {
    beforeEach(() => {
      stand.answers = ({ headers }, answer) => {
        const encoding = headers['accept-encoding']
        const coded = encoding === undefined ? {} : { 'content-encoding': encoding }
        answer.writeHead(200, { 'cache-control': 'max-age=60', vary: 'Accept-Encoding', ...coded })
        answer.end(encoding ?? 'plain')
      }
    })
    const visit = (accepted?: string) =>
      stand.get('/p', accepted === undefined ? {} : { 'accept-encoding': accepted })

    test.for([
      'gzip, deflate, br, zstd',
      'gzip, deflate, br',
      'gzip, deflate',
      'br;q=1.0, gzip;q=0.8, *;q=0.1',
      '*',
    ])('a prefetch with gzip is a hit for “%s”, and the other way round', async (accepted) => {
      await visit('gzip')
      const told = await visit(accepted)
      expect([told.body, said(told)]).toEqual(['gzip', 'freshet-test; hit; ttl=60'])
      await stand.purge({ targets: ['/p'] })
      await visit(accepted)
      expect(said(await visit('gzip'))).toBe('freshet-test; hit; ttl=60')
      expect(stand.asked.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip', 'gzip'])
    })

    test('and by who does not, nothing is shared', async () => {
      await visit('gzip')
      const others = [undefined, 'identity', 'br, zstd', 'gzip;q=0', 'gzip;q=0, *;q=0', '']
      const told: string[] = []
      for (const accepted of others) told.push((await visit(accepted)).body)
      expect(told).toEqual(others.map(() => 'plain'))
      expect(stand.asked.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip', undefined])
    })
  })

  test.for(['private, max-age=60', 'no-store', 'max-age=0'])('what says “%s” is not', async (control) => {
    stand.serve({ 'cache-control': control })
    expect([(await stand.get('/p')).body, (await stand.get('/p')).body]).toEqual(['1', '2'])
  })

  test('an answer to Authorization is not, unless the origin allows it', async () => {
    stand.serve()
    await stand.get('/p', { authorization: 'Basic x' })
    expect((await stand.get('/p')).body).toBe('2')
    stand.serve({ 'cache-control': 'public, max-age=60' })
    await stand.get('/q', { authorization: 'Basic x' })
    expect((await stand.get('/q')).body).toBe('1')
  })

  test('a reload in the browser does not reach the origin', async () => {
    stand.serve()
    await stand.get('/p')
    expect((await stand.get('/p', { 'cache-control': 'no-cache', pragma: 'no-cache' })).body).toBe('1')
  })

  test('only-if-cached never reaches the origin', async () => {
    stand.serve()
    expect((await stand.get('/p', { 'cache-control': 'only-if-cached' })).status).toBe(504)
    await stand.get('/p')
    expect((await stand.get('/p', { 'cache-control': 'only-if-cached' })).body).toBe('1')
    expect(stand.asked).toHaveLength(1)
  })

  test('HEAD is answered from a stored GET, and is passed on otherwise', async () => {
    stand.serve()
    expect((await stand.get('/p', {}, { method: 'HEAD' })).status).toBe(200)
    await stand.get('/p')
    const head = await stand.get('/p', {}, { method: 'HEAD' })
    expect([head.body, head.headers['content-length']]).toEqual(['', '1'])
    expect(stand.asked.map(({ method }) => method)).toEqual(['HEAD', 'GET'])
  })
})

describe('what a client has already', () => {
  const headers = {
    'cache-control': 'max-age=60',
    etag: '"v"',
    'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
  }

  test.for([
    [{ 'if-none-match': '"v"' }, 304],
    [{ 'if-none-match': '"u", W/"v"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"u"' }, 200],
    [{ 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 304],
    [{ 'if-modified-since': 'Sun, 06 Nov 1994 08:49:36 GMT' }, 200],
    [{ 'if-none-match': '"u"', 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 200],
  ] as const)('with %o it is answered %s, hit or miss', async ([conditions, status]) => {
    stand.serve(headers)
    const miss = await stand.get('/p', conditions)
    const hit = await stand.get('/p', conditions)
    expect([miss.status, hit.status]).toEqual([status, status])
    expect(hit.headers.etag).toBe('"v"')
    expect((await stand.get('/p')).body).toBe('1')
    expect(stand.asked).toHaveLength(1)
  })

  test('If-Match is for the origin alone', async () => {
    stand.serve(headers)
    await stand.get('/p')
    await stand.get('/p', { 'if-match': '"u"' })
    expect(stand.asked[1]?.headers['if-match']).toBe('"u"')
  })
})

describe('parts', () => {
  const etag = '"v"'

  beforeEach(async () => {
    stand.answers = (question, answer) => {
      if (question.headers.range) answer.writeHead(206, { 'content-range': 'bytes 0-1/10', etag }).end('01')
      else answer.writeHead(200, { 'cache-control': 'max-age=60', etag }).end('0123456789')
    }
  })

  test('of what is not stored come from the origin, and are not stored', async () => {
    const told = await stand.get('/p', { range: 'bytes=0-1' })
    expect([told.status, told.body]).toEqual([206, '01'])
    expect((await stand.get('/p')).body).toBe('0123456789')
  })

  test.for([
    [{ range: 'bytes=2-4' }, 206, '234'],
    [{ range: 'bytes=-2' }, 206, '89'],
    [{ range: 'bytes=20-' }, 416, ''],
    [{ range: 'bytes=0-1,3-4' }, 200, '0123456789'],
    [{ range: 'bytes=2-4', 'if-range': etag }, 206, '234'],
    [{ range: 'bytes=2-4', 'if-range': '"u"' }, 200, '0123456789'],
    [{ range: 'bytes=2-4', 'if-none-match': etag }, 304, ''],
  ] as const)('of a stored body: %o is answered %s', async ([headers, status, body]) => {
    await stand.get('/p')
    const told = await stand.get('/p', headers)
    expect([told.status, told.body]).toEqual([status, body])
    if (status === 206) expect(told.headers['content-range']).toMatch(/^bytes \d-\d\/10$/)
    expect(stand.asked).toHaveLength(1)
  })
})

describe('what is stale', () => {
  test('is asked about, and lives on when it is unchanged', async () => {
    stand.answers = (question, answer) => {
      if (question.headers['if-none-match'] === '"v"')
        answer.writeHead(304, { etag: '"v"', 'x-seen': 'again' }).end()
      else answer.writeHead(200, { 'cache-control': 'max-age=60', etag: '"v"', 'x-seen': 'once' }).end('body')
    }
    await stand.get('/p')
    nowMs = 60_000
    const asked = await stand.get('/p')
    expect([asked.body, asked.headers['x-seen'], asked.headers.age]).toEqual(['body', 'again', '0'])
    expect(said(asked)).toBe('freshet-test; fwd=stale; fwd-status=304')
    expect(said(await stand.get('/p'))).toBe('freshet-test; hit; ttl=60')
    expect(stand.asked).toHaveLength(2)
  })

  test('is replaced when it changed', async () => {
    stand.serve({ 'cache-control': 'max-age=60', etag: '"v"' })
    await stand.get('/p')
    nowMs = 60_000
    expect([(await stand.get('/p')).body, (await stand.get('/p')).body]).toEqual(['2', '2'])
  })

  test('is not used when the origin fails', async () => {
    stand.serve({ 'cache-control': 'max-age=60', etag: '"v"' })
    await stand.get('/p')
    nowMs = 60_000
    stand.answers = (question) => question.socket.destroy()
    const told = await stand.get('/p')
    expect([told.status, told.headers['cache-control']]).toEqual([502, 'no-store'])
  })

  test('a date of the same second does not vouch for it', async () => {
    const date = new Date().toUTCString()
    stand.serve({ 'cache-control': 'max-age=60', 'last-modified': date, date })
    await stand.get('/p')
    nowMs = 60_000
    await stand.get('/p')
    expect(stand.asked[1]?.headers['if-modified-since']).toBeUndefined()
  })
})

describe('unsafe methods', () => {
  test.for(['POST', 'PUT', 'PATCH', 'DELETE'])(
    '%s is passed on with its body, and what is stored is asked about',
    async (method) => {
      stand.serve()
      await stand.get('/p')
      const received: Buffer[] = []
      const { answers } = stand
      stand.answers = (question, answer) => {
        question.on('data', (part) => received.push(part)).on('end', () => answers(question, answer))
      }
      await ask(stand.edge.site, { method, path: '/p', headers: { host, 'content-length': 9 } }, 'some body')
      expect(Buffer.concat(received).toString()).toBe('some body')
      expect((await stand.get('/p')).body).toBe('3')
    },
  )

  test('one without a body goes on without one', async () => {
    stand.serve()
    await ask(stand.edge.site, { method: 'DELETE', path: '/p', headers: { host } })
    expect(stand.asked[0]).toMatchObject({ method: 'DELETE' })
    expect(stand.asked[0]?.headers['transfer-encoding']).toBeUndefined()
  })

  test('one that fails changes nothing', async () => {
    stand.serve()
    await stand.get('/p')
    stand.serve({}, 500)
    await ask(stand.edge.site, { method: 'POST', path: '/p', headers: { host } })
    expect((await stand.get('/p')).body).toBe('1')
  })
})

describe('visitors who come at once', () => {
  test('share one fetch', async () => {
    const held = gate()
    stand.answers = async (_, answer) => {
      await held.opened
      answer.writeHead(200, { 'cache-control': 'max-age=60' }).end('body')
    }
    const visits = Array.from({ length: 20 }, () => stand.get('/p'))
    await vi.waitFor(() => expect(stand.asked).toHaveLength(1))
    held.open()
    const told = await Promise.all(visits)
    expect(new Set(told.map(({ body }) => body))).toEqual(new Set(['body']))
    expect(told.filter((one) => /collapsed/.test(String(said(one)))).length).toBeGreaterThan(0)
    expect(stand.asked).toHaveLength(1)
  })

  test('share it also when one of them gives up, even the first', async () => {
    const held = gate()
    stand.answers = async (_, answer) => {
      answer.writeHead(200, { 'cache-control': 'max-age=60' }).write('half, ')
      await held.opened
      answer.end('whole')
    }
    const first = await open(stand.edge.site, { path: '/p', headers: { host } })
    const second = await open(stand.edge.site, { path: '/p', headers: { host } })
    first.destroy()
    const third = stand.get('/p')
    held.open()
    expect((await third).body).toBe('half, whole')
    let body = ''
    for await (const part of second) body += part
    expect(body).toBe('half, whole')
    expect(stand.asked).toHaveLength(1)
  })

  test('get an answer each when it is fit for one only, and do not wait in line', async () => {
    const held = gate()
    let together = 0
    let most = 0
    stand.answers = async (_, answer) => {
      together += 1
      most = Math.max(most, together)
      await held.opened
      together -= 1
      answer.writeHead(200, { 'cache-control': 'private' }).end(String(stand.asked.length))
    }
    const visits = Array.from({ length: 5 }, () => stand.get('/p'))
    await vi.waitFor(() => expect(stand.asked).toHaveLength(1))
    held.open()
    await Promise.all(visits)
    expect(stand.asked).toHaveLength(5)
    const again = gate()
    stand.answers = async (_, answer) => {
      await again.opened
      answer.writeHead(200, { 'cache-control': 'private' }).end()
    }
    const more = Array.from({ length: 3 }, () => stand.get('/p'))
    await vi.waitFor(() => expect(stand.asked).toHaveLength(8))
    again.open()
    await Promise.all(more)
  })

  test('of different variants each get their own', async () => {
    const held = gate()
    stand.answers = async (question, answer) => {
      await held.opened
      const language = question.headers['accept-language']
      answer.writeHead(200, { 'cache-control': 'max-age=60', vary: 'accept-language' }).end(language)
    }
    const languages = ['de', 'fr', 'zh', 'de', 'fr', 'zh']
    const visits = languages.map((language) => stand.get('/p', { 'accept-language': language }))
    await vi.waitFor(() => expect(stand.asked.length).toBeGreaterThan(0))
    held.open()
    expect((await Promise.all(visits)).map(({ body }) => body)).toEqual(languages)
  })
})

describe('a purge', () => {
  test.for(['before the head', 'within the body'])(
    'that arrives %s of a fetch is not outlived by it: who came before may get the old, who comes after never does',
    async (where) => {
      const held = gate()
      stand.answers = async (_, answer) => {
        if (where === 'before the head') await held.opened
        answer.writeHead(200, { 'cache-control': 'max-age=60' }).write('old')
        if (where === 'within the body') await held.opened
        answer.end()
      }
      const before = stand.get('/p')
      await vi.waitFor(() => expect(stand.asked).toHaveLength(1))
      stand.answers = (_, answer) => void answer.writeHead(200, { 'cache-control': 'max-age=60' }).end('new')
      await stand.purge({ targets: ['/p'] })
      expect((await stand.get('/p')).body).toBe('new')
      held.open()
      expect((await before).body).toBe('old')
      expect((await stand.get('/p')).body).toBe('new')
      expect(stand.asked).toHaveLength(2)
    },
  )

  test('that is soft keeps the body and asks whether it changed', async () => {
    stand.answers = (question, answer) => {
      if (question.headers['if-none-match']) answer.writeHead(304).end()
      else answer.writeHead(200, { 'cache-control': 'max-age=60', etag: '"v"' }).end('body')
    }
    await stand.get('/p')
    await stand.purge({ mode: 'soft', targets: ['/p'] })
    expect(said(await stand.get('/p'))).toBe('freshet-test; fwd=stale; fwd-status=304')
    expect(said(await stand.get('/p'))).toBe('freshet-test; hit; ttl=60')
  })

  describe.for([
    ['an ETag', { etag: '"v"' }],
    ['Last-Modified only', { 'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT' }],
    ['neither', {}],
  ] as const)('of a directory that is soft, with an origin that sends %s,', ([, validators]) => {
    const hasValidator = Object.keys(validators).length > 0
    /** The origin has a body, and says 304 to who names the validator of that body. */
    const publish = (body: string, sent: Record<string, string>) => {
      stand.answers = ({ headers }, answer) => {
        const known =
          (sent.etag !== undefined && headers['if-none-match'] === sent.etag) ||
          (sent['last-modified'] !== undefined && headers['if-modified-since'] === sent['last-modified'])
        answer.writeHead(known ? 304 : 200, { 'cache-control': 'max-age=60', ...sent })
        answer.end(known ? undefined : body)
      }
    }
    const purge = () => stand.purge({ kind: 'directory', mode: 'soft', targets: ['/d/'] })

    test(`costs what is unchanged ${hasValidator ? 'a 304' : 'a 200'}, once`, async () => {
      publish('same', validators)
      await stand.get('/d/p')
      await purge()
      const asked = await stand.get('/d/p')
      const status = hasValidator ? '304' : '200; stored'
      expect([asked.body, said(asked)]).toEqual(['same', `freshet-test; fwd=stale; fwd-status=${status}`])
      expect(said(await stand.get('/d/p'))).toBe('freshet-test; hit; ttl=60')
      expect(stand.asked).toHaveLength(2)
    })

    test('costs what changed a 200, and nobody gets the old', async () => {
      publish('old', validators)
      await stand.get('/d/p')
      const changed = { etag: '"w"', 'last-modified': 'Mon, 07 Nov 1994 08:49:37 GMT' }
      publish('new', Object.fromEntries(Object.entries(changed).filter(([name]) => name in validators)))
      await purge()
      const asked = await stand.get('/d/p')
      expect([asked.body, said(asked)]).toEqual(['new', 'freshet-test; fwd=stale; fwd-status=200; stored'])
      expect((await stand.get('/d/p')).body).toBe('new')
    })

    test('is not answered with the old when the origin is gone', async () => {
      publish('old', validators)
      await stand.get('/d/p')
      await purge()
      stand.answers = (question) => question.socket.destroy()
      expect((await stand.get('/d/p')).status).toBe(502)
    })
  })

  test('while the origin is asked about the old body is not answered by that question', async () => {
    const held = gate()
    stand.serve({ 'cache-control': 'max-age=60', etag: '"v"' })
    await stand.get('/p')
    nowMs = 60_000
    stand.answers = async (_, answer) => {
      await held.opened
      answer.writeHead(304, { etag: '"v"' }).end()
    }
    const before = stand.get('/p')
    await vi.waitFor(() => expect(stand.asked).toHaveLength(2))
    await stand.purge({ targets: ['/p'] })
    stand.answers = (_, answer) => void answer.writeHead(200, { 'cache-control': 'max-age=60' }).end('new')
    held.open()
    expect((await before).body).toBe('1')
    expect((await stand.get('/p')).body).toBe('new')
  })
})

describe('large bodies', () => {
  test('reach the visitor as they come', async () => {
    const held = gate()
    stand.answers = async (_, answer) => {
      answer.writeHead(200, { 'cache-control': 'max-age=60' }).write('first')
      await held.opened
      answer.end(', last')
    }
    const answer = await open(stand.edge.site, { path: '/p', headers: { host } })
    const first = await new Promise((resolve) => answer.once('data', resolve))
    expect(String(first)).toBe('first')
    held.open()
    for await (const part of answer) expect(String(part)).toBe(', last')
  })

  test.for(['with', 'without'])(
    'above the limit are passed on %s Content-Length, and not stored',
    async (length) => {
      const body = 'x'.repeat(300_000)
      stand.answers = (_, answer) => {
        const headers = length === 'with' ? { 'content-length': body.length } : {}
        answer.writeHead(200, { 'cache-control': 'max-age=60', ...headers }).end(body)
      }
      const told = await Promise.all([stand.get('/p'), stand.get('/p'), stand.get('/p')])
      expect(told.map((one) => one.body.length)).toEqual([300_000, 300_000, 300_000])
      const before = stand.asked.length
      await stand.get('/p')
      expect(stand.asked).toHaveLength(before + 1)
      expect([stand.edge.cache.entries, stand.edge.cache.filling]).toEqual([0, 0])
    },
  )

  test('do not pile up here when their visitor is slow', async () => {
    let sent = 0
    stand.answers = (_, answer) => {
      answer.writeHead(200, { 'cache-control': 'no-store' })
      const part = Buffer.alloc(100_000)
      const more = () => {
        while (sent < 500) {
          sent += 1
          if (!answer.write(part)) return answer.once('drain', more)
        }
        answer.end()
      }
      more()
    }
    const slow = await open(stand.edge.site, { path: '/p', headers: { host } })
    // Until the pipes are full the origin goes on; then it stands still, far from its end.
    let before = -1
    await vi.waitFor(
      () => {
        const still = sent === before
        before = sent
        expect(still).toBe(true)
      },
      { interval: 100 },
    )
    expect(sent).toBeLessThan(400)
    let bytes = 0
    for await (const part of slow) bytes += part.length
    expect(bytes).toBe(50_000_000)
  })

  describe('of visitors who read nothing', () => {
    const size = 8_000_000
    const body = Buffer.alloc(size, 'x')
    const idle: Socket[] = []
    afterEach(() => {
      for (const socket of idle.splice(0)) socket.destroy()
    })

    /** Asks for a path and reads nothing of the answer, until the cache has all of it. */
    async function ignore(edge: Edge, path: string): Promise<void> {
      const { port } = new URL(edge.site)
      const socket = connect(Number(port), '127.0.0.1').pause()
      socket.on('error', () => {})
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      idle.push(socket)
      await vi.waitFor(() => expect(edge.cache.find(host, path, () => []).state).toBe('fresh'))
    }

    test.for([
      ['that are being stored', (path: string) => path],
      ['that are stored', () => '/first'],
    ] as const)('%s: evicted, they stay for so long as there is room', async ([, pathOf]) => {
      const edge = await stand.add({ maxBytes: 40_000_000, maxObjectBytes: size })
      stand.answers = (_, answer) => {
        answer.writeHead(200, { 'cache-control': 'max-age=60', 'content-length': size }).end(body)
      }
      await ignore(edge, '/first')
      const reading = await open(edge.site, { path: '/first', headers: { host } })
      await ignore(edge, pathOf('/second'))
      expect(edge.cache.backlog.bytes).toBe(0)
      // As many more as drive out all that is stored, and what is read meanwhile.
      for (let index = 0; index < 10; index += 1) await ignore(edge, `/${index}`)
      expect(edge.cache.backlog.bytes).toBeGreaterThan(0)
      expect(edge.cache.backlog.bytes).toBeLessThanOrEqual(10_000_000)
      expect(edge.cache.bytes + edge.cache.filling).toBeLessThanOrEqual(40_000_000)
      reading.on('error', () => {}).resume()
    })

    test('not stored: each is paced, and those who came first make way', async () => {
      const edge = await stand.add({ maxBytes: 1_000_000 })
      stand.answers = (_, answer) => void answer.writeHead(200, { 'cache-control': 'no-store' }).end(body)
      const { port } = new URL(edge.site)
      for (let index = 0; index < 8; index += 1) {
        const socket = connect(Number(port), '127.0.0.1').pause()
        socket.on('error', () => {})
        socket.write(`GET /${index} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
        idle.push(socket)
      }
      await vi.waitFor(() => expect(edge.cache.backlog.bytes).toBeGreaterThan(100_000))
      expect(edge.cache.backlog.bytes).toBeLessThanOrEqual(250_000)
    })
  })

  test('that break off are broken off for the visitor too, and not stored', async () => {
    stand.answers = (question, answer) => {
      answer.writeHead(200, { 'cache-control': 'max-age=60', 'content-length': '100' })
      answer.write('half', () => question.socket.destroy())
    }
    await expect(stand.get('/p')).rejects.toThrow()
    stand.serve()
    expect((await stand.get('/p')).body).toBe('1')
  })

  test('that nobody waits for and nobody stores are not fetched to the end', async () => {
    const closed = gate()
    stand.answers = (_, answer) => {
      answer.writeHead(200, { 'cache-control': 'no-store' }).write('first')
      answer.once('close', closed.open)
    }
    const answer = await open(stand.edge.site, { path: '/p', headers: { host } })
    answer.destroy()
    await closed.opened
  })
})
