import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Command } from '#lib/core/command.ts'
import { normaliseTarget } from '#lib/core/spelling.ts'
import { Cache } from './cache.ts'
import { type Entry, makeEntry, withBody } from './entry.ts'

let nowMs = 0
const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs }
const host = 'a.test'

beforeEach(() => {
  nowMs = 0
})

/** A request that goes on with no fields. */
const bare = (): string[] => []

function open(options: Partial<ConstructorParameters<typeof Cache>[0]> = {}) {
  return new Cache({ clock, maxBytes: 1_000_000, ...options })
}

/** A fetch that began; `end` stores what it brought. */
function fetchOf(cache: Cache, target: string, extra: string[] = [], sent = bare) {
  const slot = cache.hold(host, target)
  const moments = { born: cache.marks.next(), bornMs: nowMs, receivedMs: nowMs, receivedWallMs: nowMs }
  const end = (body = 'body') => {
    const fields = ['cache-control', 'max-age=60', 'etag', '"1"', ...extra]
    const entry = withBody(makeEntry(200, fields, sent, moments), Buffer.from(body))
    cache.store(slot, entry, sent)
    cache.release(slot)
    return entry
  }
  return { slot, born: moments.born, end }
}

function store(cache: Cache, target: string, extra: string[] = [], sent = bare): Entry {
  return fetchOf(cache, target, extra, sent).end()
}

function purge(cache: Cache, kind: Command['kind'], mode: Command['mode'], ...targets: string[]) {
  return cache.purge({ seq: 1, domain: host, kind, mode, targets })
}

describe('storing', () => {
  test('what is stored is found until it is no longer fresh, then asked about', () => {
    const cache = open()
    store(cache, '/p')
    expect(cache.find(host, '/p', bare).state).toBe('fresh')
    nowMs = 60_000
    expect(cache.find(host, '/p', bare).state).toBe('stale')
    expect(cache.find(host, '/q', bare).state).toBe('nothing')
    expect(cache.find('b.test', '/p', bare).state).toBe('nothing')
  })

  test('variants live side by side, and the limit drops the oldest', () => {
    const cache = open({ maxVariants: 2 })
    for (const language of ['de', 'fr', 'zh']) {
      store(cache, '/p', ['vary', 'Accept-Language'], () => ['accept-language', language])
    }
    const find = (language: string) => cache.find(host, '/p', () => ['accept-language', language]).state
    expect(['de', 'fr', 'zh'].map(find)).toEqual(['other-variants', 'fresh', 'fresh'])
  })

  test('a fetch that began earlier never replaces one that began later', () => {
    const cache = open()
    const early = fetchOf(cache, '/p')
    const late = fetchOf(cache, '/p')
    late.end('late')
    early.end('early')
    expect(cache.find(host, '/p', bare).entry?.body.toString()).toBe('late')
  })

  test('what was not used for longest goes first', () => {
    const size = 10_000
    const cache = open({ maxBytes: 4 * (size + 1500) })
    for (const name of ['a', 'b', 'c', 'd']) fetchOf(cache, `/${name}`).end('x'.repeat(size))
    cache.find(host, '/a', bare)
    fetchOf(cache, '/e').end('x'.repeat(size))
    const kept = ['a', 'b', 'c', 'd', 'e'].filter((name) => cache.find(host, `/${name}`, bare).entry)
    expect(kept).toEqual(['a', 'c', 'd', 'e'])
    expect(cache.bytes).toBeLessThanOrEqual(cache.maxBytes)
  })

  test('nothing is kept longer than the limit, whatever the origin allows', () => {
    const cache = open({ longestKeptMs: 1000 })
    store(cache, '/p')
    nowMs = 1001
    expect(cache.find(host, '/p', bare).state).toBe('nothing')
  })

  test('bytes return to zero when all is gone', () => {
    const cache = open()
    for (const target of ['/a', '/b?c', '/d']) store(cache, target)
    purge(cache, 'url', 'hard', '/a', '/b?c', '/d', '/never-seen')
    expect([cache.bytes, cache.entries]).toEqual([0, 0])
  })
})

describe('purging', () => {
  test('hard outweighs soft in whichever order they come', () => {
    for (const modes of [
      ['hard', 'soft'],
      ['soft', 'hard'],
    ] as const) {
      const cache = open()
      store(cache, '/d/p')
      for (const mode of modes) purge(cache, 'directory', mode, '/d/')
      expect(cache.find(host, '/d/p', bare).state).toBe('nothing')
    }
  })

  test.for(['url', 'directory', 'regex', 'ignore-parameters', 'tag', 'everything'] as const)(
    'a %s purge while a fetch runs keeps its answer from being used afterwards',
    (kind) => {
      const targets = {
        url: ['/d/p?q'],
        directory: ['/d/'],
        regex: ['/[a-z]/p.*'],
        'ignore-parameters': ['/d/p'],
        tag: ['T'],
        everything: [],
      }
      const cache = open()
      const running = fetchOf(cache, '/d/p?q', ['cache-tag', 't, u'])
      purge(cache, kind, 'hard', ...targets[kind])
      expect(cache.purgedSince(running.slot, running.born)).toBe(true)
      running.end()
      expect(cache.find(host, '/d/p?q', bare).state).toBe('nothing')
      store(cache, '/d/p?q', ['cache-tag', 't'])
      expect(cache.find(host, '/d/p?q', bare).state).toBe('fresh')
    },
  )

  test('a purge of one URL costs nothing where nothing is stored', () => {
    const cache = open()
    expect(purge(cache, 'url', 'hard', '/a', '/b')).toEqual({ taken: 2 })
    expect(cache.bytes).toBe(0)
  })

  test('spellings of one URL are purged together', () => {
    const cache = open()
    store(cache, '/caf%C3%A9')
    purge(cache, 'url', 'hard', '/caf%c3%a9')
    expect(cache.find(host, '/caf%C3%A9', bare).state).toBe('nothing')
  })

  test('a pattern purges what it matches in whole, soft or hard', () => {
    const cache = open()
    const targets = ['/img/1.jpg', '/img/1.jpg?v=2', '/img/x/1.jpg', '/css/1.css']
    for (const target of targets) store(cache, target)
    purge(cache, 'regex', 'soft', '/img/[0-9].*')
    purge(cache, 'regex', 'hard', '/css/[0-9].css', '/none')
    const states = targets.map((target) => cache.find(host, target, bare).state)
    expect(states).toEqual(['stale', 'stale', 'fresh', 'nothing'])
  })

  test('what has passed a pattern costs nothing more until there is another purge', () => {
    const cache = open()
    store(cache, '/p')
    const covering = vi.spyOn(cache.marks, 'covering')
    purge(cache, 'regex', 'hard', '/[0-9].*')
    const before = cache.marks.newest(host)
    for (let visit = 0; visit < 3; visit += 1) expect(cache.find(host, '/p', bare).state).toBe('fresh')
    expect(covering).toHaveBeenCalledTimes(1)
    purge(cache, 'regex', 'hard', '/[0-9][0-9].*')
    expect(cache.find(host, '/p', bare).state).toBe('fresh')
    expect(covering.mock.calls.map(([, , , since]) => since)).toEqual([expect.any(Number), before])
  })

  test('the worst pattern meets the longest URL, and the next visitor is answered', () => {
    const cache = open()
    const target = `/${'a'.repeat(8_000)}`
    store(cache, target)
    const worst = `/.*${'a'.repeat(300)}.*${'a'.repeat(300)}[^/]*${'a'.repeat(300)}.*b`
    purge(cache, 'regex', 'hard', worst)
    // A backtracking engine would not come back.
    expect(cache.find(host, target, bare).state).toBe('fresh')
  })

  test('a directory of 20,000 objects is purged without a look at any, and none is used again', () => {
    const cache = open({ maxBytes: 100_000_000 })
    const targets = Array.from({ length: 20_000 }, (_, index) => `/d/${index % 100}/${index}`)
    for (const target of targets) store(cache, target)
    store(cache, '/e')
    purge(cache, 'directory', 'hard', '/d/')
    expect(cache.entries).toBe(20_001)
    expect(targets.filter((target) => cache.find(host, target, bare).entry)).toEqual([])
    expect([cache.entries, cache.find(host, '/e', bare).state]).toEqual([1, 'fresh'])
  })

  test.for([
    [
      'regex',
      '^/a',
      'target 0 is no pattern: character 0 is neither literal nor of [0-9], [a-z], [^/]* or .*',
    ],
    ['url', 'a', 'target 0 is no url'],
    ['url', '/a b', 'target 0 is no url'],
    ['directory', '/a', 'target 0 is no directory'],
    ['directory', '/a/?b/', 'target 0 is no directory'],
    ['tag', 'a b', 'target 0 is no tag'],
    ['everything', '/', 'target 0 is no everything'],
  ] as const)('a %s “%s” is rejected', ([kind, target, rejected]) => {
    expect(purge(open(), kind, 'hard', target)).toEqual({ rejected })
  })

  test('a domain that is no host is rejected', () => {
    const command: Command = { seq: 1, domain: 'a b', kind: 'everything', mode: 'hard', targets: [] }
    expect(open().purge(command)).toEqual({ rejected: 'the domain is no host name' })
  })
})

test.each(['hard', 'soft'] as const)('a %s purge by what counts of a URL covers what is the same', (mode) => {
  const cache = open()
  const same = ['/p?a=1&b=2', '/p?b=2', '/p?c&%62=2']
  const others = ['/p', '/p?a=1&b=3', '/q?b=2', '/p?c']
  const fetches = [...same, ...others].map((target) => fetchOf(cache, normaliseTarget(target)))
  const query = { is: 'only' as const, names: ['b'] }
  cache.purge({ seq: 1, domain: host, kind: 'url', mode, targets: ['/p?b=2'], query })
  for (const fetch of fetches) fetch.end()
  const states = (targets: string[]) =>
    targets.map((target) => cache.find(host, normaliseTarget(target), bare).state)
  expect(states(same)).toEqual(same.map(() => (mode === 'hard' ? 'nothing' : 'stale')))
  expect(states(others)).toEqual(others.map(() => 'fresh'))
})

const urls = ['/', '/a', '/a?x', '/d/', '/d/p', '/d/p?x', '/d/e/p']
const steps = fc.oneof(
  fc.record({
    step: fc.constant('begin' as const),
    url: fc.constantFrom(...urls),
    tag: fc.constantFrom('t', 'u'),
  }),
  fc.record({ step: fc.constant('end' as const), which: fc.nat(5) }),
  fc.record({
    step: fc.constant('purge' as const),
    mode: fc.constantFrom('hard' as const, 'soft' as const),
    what: fc.oneof(
      fc.tuple(fc.constant('url' as const), fc.constantFrom(...urls)),
      fc.tuple(fc.constant('directory' as const), fc.constantFrom('/', '/d/', '/d/e/', '/n/')),
      fc.tuple(fc.constant('regex' as const), fc.constantFrom('/[a-z]', '/d/.*', '/[^/]*?x', '/d/[^/]*/p')),
      fc.tuple(fc.constant('ignore-parameters' as const), fc.constantFrom('/a', '/d/p')),
      fc.tuple(fc.constant('tag' as const), fc.constantFrom('t', 'u')),
    ),
  }),
)

type Model = {
  url: string
  tag: string
  began: number
  ended: boolean
  gone: boolean
  purged?: 'hard' | 'soft'
}

/** Whether a purge covers a URL, said as plainly as can be. */
function covers([kind, target]: readonly [string, string], { url, tag }: Model): boolean {
  if (kind === 'url') return url === target
  if (kind === 'directory') return (url.split('?')[0] as string).startsWith(target)
  if (kind === 'regex') return new RegExp(`^${target.replaceAll('?', '\\?')}$`).test(url)
  if (kind === 'ignore-parameters') return url.split('?')[0] === target
  return tag === target
}

test('in any order of fetches and purges, no purged answer is fresh, and every other one is', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (sequence) => {
      const cache = open()
      const models: (Model & { end: () => void })[] = []
      for (const [index, one] of sequence.entries()) {
        if (one.step === 'begin') {
          const { url, tag } = one
          const { end } = fetchOf(cache, url, ['cache-tag', tag])
          models.push({ url, tag, began: index, ended: false, gone: false, end })
        } else if (one.step === 'end') {
          const model = models.filter(({ ended }) => !ended)[one.which]
          if (model) {
            model.end()
            model.ended = true
            replace(models, model)
          }
        } else {
          purge(cache, one.what[0], one.mode, one.what[1])
          for (const model of models) {
            if (covers(one.what, model) && model.purged !== 'hard') model.purged = one.mode
          }
        }
        for (const url of urls) expect(cache.find(host, url, bare).state).toBe(expected(models, url))
      }
    }),
    { numRuns: 2000 },
  )
})

/** Of two answers for one URL the one that began last stays, unless it was purged before it could be stored. */
function replace(models: Model[], ended: Model): void {
  const others = models.filter((other) => other !== ended && other.url === ended.url && isUsable(other))
  if (ended.purged === 'hard') return
  if (others.some((other) => other.began > ended.began)) ended.gone = true
  else for (const other of others) other.gone = true
}

function isUsable({ ended, gone, purged }: Model): boolean {
  return ended && !gone && purged !== 'hard'
}

function expected(models: Model[], url: string): string {
  const [usable] = models.filter((model) => model.url === url && isUsable(model))
  if (!usable) return 'nothing'
  return usable.purged === 'soft' ? 'stale' : 'fresh'
}
