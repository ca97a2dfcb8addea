import { expect, it } from 'vitest'
import { changesOf, factsOf, shortResource } from './audit.ts'

it('tells what a change has set, value by value, and nothing that stayed', () => {
  const before = { origin: 'http://a', caches: ['x'], settings: { ttl: 1, query: { is: 'all' } }, gone: true }
  const after = {
    origin: 'http://a',
    caches: ['x', 'y'],
    settings: { ttl: 2, query: { is: 'all' } },
    secret: 'changed',
  }
  expect(changesOf({ before, after, note: 'n' })).toEqual([
    { path: 'caches', before: 'x', after: 'x, y' },
    { path: 'settings.ttl', before: '1', after: '2' },
    { path: 'gone', before: 'true' },
    { path: 'secret', after: 'changed' },
  ])
  expect(factsOf({ before, after, note: 'n', tasks: [{ lines: 2 }] })).toEqual([
    ['note', 'n'],
    ['tasks.0.lines', '2'],
  ])
})

it.each([
  [
    { before: null, after: { name: 'fra1', pop: '' } },
    [
      { path: 'name', after: 'fra1' },
      { path: 'pop', after: '–' },
    ],
  ],
  [{ before: { name: 'fra1' }, after: null }, [{ path: 'name', before: 'fra1' }]],
  [
    { before: { until: null }, after: { until: '2026-11-30' } },
    [{ path: 'until', before: '–', after: '2026-11-30' }],
  ],
  [{}, []],
])('of %j these are the changes', (detail, changes) => {
  expect(changesOf(detail)).toEqual(changes)
})

it.each([
  ['acs:dcdn:*:1:domain/www.example.com', 'domain/www.example.com'],
  ['acs:freshet:*:1:view/a:b', 'view/a:b'],
  ['*', '*'],
])('%s is called %s', (name, short) => {
  expect(shortResource(name)).toBe(short)
})
