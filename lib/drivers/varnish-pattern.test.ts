import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Pattern, parsePattern, patternTest } from '#lib/core/pattern.ts'
import { hardPatterns } from '#lib/fleet/hard-patterns.ts'
import { readVarnishRecipe, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { askSite, type ContractCache } from './contract-stand.ts'
import type { Driver } from './driver.ts'
import { varnish } from './varnish.ts'
import { commandOf, host, startStand } from './varnish-stand.ts'

/** Makes an object up for every URL, with a body of its own each time. */
const withoutOrigin = `
sub vcl_backend_fetch { return (error(200)); }
sub vcl_backend_error {
  set beresp.ttl = 1h;
  set beresp.http.Cache-Tag = "any";
  set beresp.body = bereq.xid;
  return (deliver);
}
`

describe.skipIf(!varnishAvailable())('a ban on Varnish', () => {
  let stand: ContractCache
  let driver: Driver
  const visitAll = (paths: string[], from = host) =>
    Promise.all(paths.map(async (path) => (await stand.get(from, path)).body))
  const deliver = (kind: 'regex' | 'directory', ...targets: string[]) =>
    driver.deliver([commandOf({ kind, targets })], AbortSignal.timeout(3_000))
  /** Which of these paths a purge removed. */
  const removed = async (paths: string[], purge: () => Promise<unknown>, from = host) => {
    const before = await visitAll(paths, from)
    expect(await purge()).toEqual([{ kind: 'done' }])
    const after = await visitAll(paths, from)
    return paths.filter((_, index) => after[index] !== before[index])
  }
  beforeAll(async () => {
    stand = await startStand({ recipe: readVarnishRecipe() + withoutOrigin })
    driver = varnish.open(stand)
  })
  afterAll(async () => {
    await driver.close()
    await stand.stop()
  })

  test('covers what the pattern covers, at random', async () => {
    await fc.assert(
      fc.asyncProperty(patternAndPaths, async ({ pattern, paths }) => {
        const expected = paths.filter(patternTest(patternOf(pattern)))
        expect(await removed(paths, () => deliver('regex', pattern))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test.for(hardPatterns)(
    'answers right for a pattern that is hard to search: %s',
    async ([, pattern, path]) => {
      const paths = [path, `${path}!`, path.slice(0, -1), '/bystander'].filter((each) => each.startsWith('/'))
      const expected = paths.filter(patternTest(patternOf(pattern)))
      expect(await removed(paths, () => deliver('regex', pattern))).toEqual(expected)
    },
  )

  test('is refused where visitors would have to wait for it, and the rest is done', async () => {
    const tooSlow = `/.*${'a[a-z]'.repeat(100)}.*`
    expect(
      await deliver('regex', tooSlow, `/${'a[a-z]'.repeat(100)}.*`, `/.*${'[a-z]'.repeat(75)}!.*`),
    ).toEqual([
      {
        kind: 'failed',
        cause: 'rejected',
        detail: expect.stringContaining('make visitors wait'),
        targets: [0],
      },
    ])
  })

  test('is taken 100 times in one command, each as long as a pattern can be', async () => {
    const targets = Array.from({ length: 100 }, (_, index) => `/${index}/.*`.padEnd(1_024, '~'))
    expect(await deliver('regex', ...targets)).toEqual([{ kind: 'done' }])
  })

  test('never leaves its host', async () => {
    for (const other of [
      `${host}.au`,
      `${host}:8080.au`,
      `x${host}`,
      host.replaceAll('.', 'x'),
      'other.example.test',
    ]) {
      expect(await removed(['/', '/page', `/${host}/`], () => deliver('regex', '.*', '/.*'), other)).toEqual(
        [],
      )
    }
    expect(await removed(['/', '/page?x'], () => deliver('regex', '.*'))).toEqual(['/', '/page?x'])
  })

  test('removes what is below a directory with more levels than have names', async () => {
    for (const name of ['deep', 'a,b', '.*', '(a|b)', '%22', "'$&"]) {
      const deep = `/${`${name}/`.repeat(17)}`
      const below = [deep, `${deep}a?b=/c`, `${deep}b/c/d`]
      const others = [deep.slice(0, -1), `/x${deep}`, `/x?y=${deep}`, deep.replace(name, 'aaaa'), '/']
      expect(await removed([...below, ...others], () => deliver('directory', deep))).toEqual(below)
    }
  })

  test('that Varnish does not take is not counted, and told with its reason', async () => {
    const { headers } = await askSite(stand.address, {
      method: 'PURGE',
      headers: {
        ...{
          'Freshet-Secret': stand.secret,
          'Freshet-Domain': host,
          'Freshet-Mode': 'hard',
          'Freshet-Bans': '1',
        },
        ...{ 'Freshet-Keys-1': '^e~none', 'Freshet-Keys-2': '^e~(', 'Freshet-Keys-3': '^e~none' },
      },
    })
    expect(headers).toMatchObject({ 'freshet-taken': '2', 'freshet-error': expect.stringContaining('Regex') })
  })
})

function patternOf(text: string): Pattern {
  const parsed = parsePattern(text)
  if ('rule' in parsed) throw new Error(`${text} is no pattern`)
  return parsed
}

const fromSome = (units: string) => fc.string({ unit: fc.constantFrom(...units), maxLength: 8 })

/** What each construct may stand for; what is no construct stands for itself. */
const meanings: Record<string, fc.Arbitrary<string>> = {
  '[0-9]': fc.constantFrom('0', '9', 'a'),
  '[a-z]': fc.constantFrom('a', 'z', '0'),
  '[^/]*': fromSome('ab1.,'),
  '.*': fromSome('ab1/?,'),
}

/** A pattern, and paths that look as if it covered them. */
const patternAndPaths = fc
  .array(fc.constantFrom('a', 'a', 'b', '/', '/', '.', '?', ',', ...Object.keys(meanings)), { maxLength: 14 })
  .filter((pieces) => pieces.filter((piece) => piece.endsWith('*')).length <= 4)
  .chain((pieces) => {
    const path = fc.tuple(...pieces.map((piece) => meanings[piece] ?? fc.constant(piece)))
    const paths = fc.array(
      path.map((parts) => `/${parts.join('')}`),
      { minLength: 4, maxLength: 8 },
    )
    return fc.record({ pattern: fc.constant(`/${pieces.join('')}`), paths })
  })
