import { expect, test } from 'vitest'
import { contractDomains, type Stand } from './contract-stand.ts'

const [one, two] = contractDomains

/** Patterns with what each covers, and what is like it. */
const patterns: [pattern: string, covered: string[], others: string[]][] = [
  [
    '/r1/[0-9][0-9]-[a-z].js',
    ['/r1/07-z.js', '/r1/90-a.js'],
    [
      '/r1/7-z.js',
      '/r1/0a-z.js',
      '/r1/07-Z.js',
      '/r1/07-zz.js',
      '/r1/07-zxjs',
      '/r1/07-z.js?',
      '/r1/r1/07-z.js',
    ],
  ],
  [
    '/r2/[^/]*/large.jpg',
    ['/r2/a/large.jpg', '/r2//large.jpg', '/r2/?x/large.jpg'],
    ['/r2/a/b/large.jpg', '/r2/large.jpg', '/r2/a/large.jpg?v=1', '/r2/a/xlarge.jpg'],
  ],
  [
    '/r3/.*.jpg',
    ['/r3/.jpg', '/r3/a.jpg', '/r3/a/b/c.jpg', '/r3/a?b=c.jpg', '/r3/a,b.jpg'],
    ['/r3/a.jpg?v=1', '/r3/ajpg', '/r3/a.jpg/', '/r3.jpg', '/R3/a.jpg'],
  ],
  [
    '/r4/[^/]*?v=.*&w=[0-9].*',
    ['/r4/a.css?v=&w=1', '/r4/?v=a/b&w=12&x'],
    ['/r4/a.css', '/r4/a.css?v=1', '/r4/a/b.css?v=1&w=1', '/r4/a.css?v=1&w=x'],
  ],
  [
    '/r5/.*a[^/]*b/.*a.*',
    ['/r5/ab/a', '/r5/x/a/ab/ba', '/r5/a/acb/x/a'],
    ['/r5/ab/', '/r5/a/b/a', '/r5/abx/a', '/r5/b/aa'],
  ],
  [
    "/r6/!&',-._~%2C:;=@[a-z]",
    ["/r6/!&',-._~%2C:;=@a"],
    ["/r6/!&',-x_~%2C:;=@a", "/r6/!&',-._~,:;=@a", "/r6/!&',-._~%2c:;=@a", "/r6/!&',-._~%2C:;=@"],
  ],
  ['.*/r7', ['/r7', '/a/b/r7', '/?/r7'], ['/r7/', '/ar7', '/r7?']],
]

/** What a purge by pattern must do. */
export function testRegex(stand: Stand) {
  test.for(patterns)('exactly what %s covers', async ([pattern, covered, others]) => {
    await stand.store([...covered, ...others], 'page')
    await stand.store(covered, 'page', two)
    await stand.purge({ kind: 'regex', targets: [pattern] })
    expect(await stand.kept([...covered, ...others])).toEqual(others)
    expect(await stand.kept(covered, two)).toEqual(covered)
  })

  test('in a spelling that no browser sends, and what they ask for', async () => {
    const covered = ['/re%C3%A9/~a', '/re%C3%A9/~b?c']
    await stand.store([...covered, '/re%C3%A8/~a'], 'page')
    await stand.purge({ kind: 'regex', targets: ['/re%c3%a9/%7E[a-z].*'] })
    expect(await stand.kept([...covered, '/re%C3%A8/~a'])).toEqual(['/re%C3%A8/~a'])
  })

  test('what any of 100 patterns covers, also when one comes twice', async () => {
    const folders = Array.from({ length: 100 }, (_, index) => `/r100/${index}/`)
    const paths = folders.flatMap((folder) => [`${folder}a?b`, `${folder}b`])
    await stand.store(paths, 'page')
    const targets = [...folders, folders[0]].map((folder) => `${folder}a.*`)
    await stand.purge({ kind: 'regex', targets })
    expect(await stand.kept(paths)).toEqual(folders.map((folder) => `${folder}b`))
  })

  test('all variants of a URL', async () => {
    const visitAll = () =>
      Promise.all(['de', 'fr'].map((language) => stand.visit('/r8/a', one, { 'accept-language': language })))
    const vary = { headers: { Vary: 'Accept-Language' } }
    stand.publish('/r8/a', 'old', vary)
    await visitAll()
    stand.publish('/r8/a', 'new', vary)
    expect(await visitAll()).toEqual(['old', 'old'])
    await stand.purge({ kind: 'regex', targets: ['/r8/[a-z]'] })
    expect(await visitAll()).toEqual(['new', 'new'])
  })

  // Where a cache can only remove, it does so though soft was asked.
  test('and serves nothing of it without a question, when it is soft', async () => {
    const [same, changed] = ['/r9/same', '/r9/changed'] as const
    await stand.store([same, changed], 'old')
    stand.publish(changed, 'new')
    await stand.purge({ kind: 'regex', mode: 'soft', targets: ['/r9/.*'] })
    expect([await stand.visit(same), await stand.visit(changed)]).toEqual(['old', 'new'])
    expect(stand.asked(same)).toEqual([200, expect.toSatisfy((status) => status === 200 || status === 304)])
    expect(stand.asked(changed)).toEqual([200, 200])
    expect(await stand.kept([same, changed])).toEqual([same, changed])
  })
}
