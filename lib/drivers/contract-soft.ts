import { expect, test } from 'vitest'
import type { ContractPage, Stand } from './contract-stand.ts'

/** What a soft purge must do: the next visitor makes the cache ask whether its copy changed. */
export function testSoft(stand: Stand) {
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

  test.for([
    ['an ETag', 'etag', 304],
    ['Last-Modified only', 'last-modified', 304],
    ['neither', 'none', 200],
  ] as const)('a directory of an origin with %s', async ([, validators, unchanged]) => {
    const [same, changed] = ['same', 'changed'].map((name) => `/soft/${validators}/${name}`) as [
      string,
      string,
    ]
    const publish = (path: string, page: ContractPage) =>
      stand.publish(path, page.body, { ...page, validators })
    for (const path of [same, changed]) {
      publish(path, { body: 'old', modified: new Date('2026-01-01T00:00:00Z') })
      expect(await stand.visit(path)).toBe('old')
    }
    publish(changed, { body: 'new', modified: new Date('2026-01-01T00:00:01Z') })
    expect(await stand.visit(changed)).toBe('old')
    await stand.purge({ kind: 'directory', mode: 'soft', targets: [`/soft/${validators}/`] })
    expect([await stand.visit(same), await stand.visit(changed)]).toEqual(['old', 'new'])
    expect(stand.asked(same)).toEqual([200, unchanged])
    expect(stand.asked(changed)).toEqual([200, 200])
    expect(await stand.kept([same, changed])).toEqual([same, changed])
  })

  test('a URL that was removed before, with no more than a question', async () => {
    await stand.store(['/soft/echo'], 'page')
    await stand.purge({ targets: ['/soft/echo'] })
    expect(await stand.visit('/soft/echo')).toBe('page')
    await stand.purge({ mode: 'soft', targets: ['/soft/echo'] })
    expect(await stand.visit('/soft/echo')).toBe('page')
    expect(await stand.kept(['/soft/echo'])).toEqual(['/soft/echo'])
    expect(stand.asked('/soft/echo')).toEqual([200, 200, 304])
  })
}
