import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { testAnswers, testProbe } from './contract-answers.ts'
import { testFetch } from './contract-fetch.ts'
import { testRegex } from './contract-regex.ts'
import { testSoft } from './contract-soft.ts'
import { type ContractCache, contractDomains, Stand } from './contract-stand.ts'

const [one, two] = contractDomains

/** What every driver must do, on the real cache. Only the origin's log and the bodies are believed. */
export function driverContract(name: string, setUp: () => Promise<ContractCache>): void {
  describe(`the ${name} driver`, () => {
    const stand = new Stand(setUp)
    beforeAll(() => stand.start(), 30_000)
    afterAll(() => stand.stop())
    describe('removes', () => testHard(stand))
    describe('revalidates', () => testSoft(stand))
    describe('purges by pattern', () => testRegex(stand))
    describe('fetches', () => testFetch(stand))
    describe('names', () => testNames(stand))
    describe('outruns a fetch under way', () => testRaces(stand))
    describe('takes no other answer for a purge', () => testAnswers(stand))
    describe('probes', () => testProbe(stand))
  })
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

  test('a directory in which nothing changed', async () => {
    const below = ['/hard/d/', '/hard/d/a?b', '/hard/d/e/f']
    await stand.store(below, 'page')
    await stand.purge({ kind: 'directory', targets: ['/hard/d/'] })
    expect(await stand.kept(below)).toEqual([])
    expect(below.flatMap((path) => stand.asked(path))).toEqual([200, 200, 200, 200, 200, 200])
  })

  test('what the application tagged, whatever the case', async () => {
    const headers = { 'Cache-Tag': 'sale, SHOES,summer' }
    for (const domain of [one, two]) {
      stand.publish('/tagged', 'page', { headers })
      await stand.visit('/tagged', domain)
    }
    await stand.purge({ kind: 'tag', targets: ['shoe', 'tagged'] })
    expect(await stand.kept(['/tagged'])).toEqual(['/tagged'])
    await stand.purge({ kind: 'tag', targets: ['Shoes'] })
    expect(await stand.kept(['/tagged'])).toEqual([])
    expect(await stand.kept(['/tagged'], two)).toEqual(['/tagged'])
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

  test.for([
    ['/q', '/%71'],
    ['/c%C3%A9', '/c%c3%a9'],
    ['/a%2Fb,c', '/a%2fb,c'],
    ['/q?a={1}', '/q?a=%7B1%7d'],
    ["/o'b?c='", '/o%27b?c=%27'],
    ['/p_q', '/p%5fq'],
    ['/[x]?y[]=^`|', '/%5Bx%5D?y%5b%5D=%5E%60%7C'],
    ['/%00%0a%1F%7F%', '/%00%0A%1f%7f%'],
    ['/%2541%zz', '/%25%34%31%zz'],
  ] as const)('in whatever spelling: “%s” as “%s” and the other way round', async ([plain, escaped]) => {
    const others = ['/%2541', '/a/b,c', '/r?a=%257B1%257D', '/Q', '/%2571']
    for (const [stored, purged] of [
      [plain, escaped],
      [escaped, plain],
    ] as const) {
      await stand.store([stored, ...others], 'page')
      await stand.purge({ targets: [purged] })
      expect(await stand.kept([stored, ...others])).toEqual(others)
      await stand.store([`${stored.split('?', 1)[0]}?x`], 'page')
      await stand.purge({ kind: 'ignore-parameters', targets: [purged] })
      expect(await stand.kept([`${stored.split('?', 1)[0]}?x`, ...others])).toEqual(others)
    }
  })

  test('of directories in whatever spelling', async () => {
    const below = ['/n%7Eu/x', '/n~u/%79', '/n~u/?%7d', '/%6e%7eu/z/']
    const others = ['/n~/u/x', '/n%257Eu/x', '/n~u']
    for (const directory of ['/n~u/', '/n%7Eu/', '/%6E~%75/']) {
      await stand.store([...below, ...others], 'page')
      await stand.purge({ kind: 'directory', targets: [directory] })
      expect(await stand.kept([...below, ...others])).toEqual(others)
    }
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
  const delays = [
    ['before its headers', { delayBeforeHeadersMs: 150 }],
    ['within its body', { delayInBodyMs: 150 }],
  ] as const
  const kinds = [
    ['url', (path: string) => path],
    ['regex', (path: string) => path.replace('race', '[^/]*')],
  ] as const
  test.for(
    delays.flatMap(([where, slow]) => kinds.map(([kind, targetOf]) => ({ where, slow, kind, targetOf }))),
  )('that is held up $where, by a purge of kind $kind', async ({ where, slow, kind, targetOf }) => {
    const path = `/race/${kind}/${where.replaceAll(' ', '-')}`
    const purge = { kind, targets: [targetOf(path)] }
    stand.publish(path, 'old', slow)
    const early = stand.visit(path)
    await vi.waitFor(() => expect(stand.asked(path)).toHaveLength(1), { interval: 5 })
    stand.publish(path, 'new')
    await stand.purge(purge)
    await early
    await stand.purge(purge)
    expect(await stand.visit(path)).toBe('new')
    expect(await stand.kept([path])).toEqual([path])
  })
}
