import { describe, expect, it } from 'vitest'
import {
  type CacheProgress,
  changesOf,
  drawBars,
  endOf,
  exitCodes,
  outcomeOf,
  rowsOf,
  type TaskProgress,
} from './progress.ts'

function cache(name: string, given: Partial<CacheProgress> = {}): CacheProgress {
  const idle = { Applied: 0, Confirmed: 0, Failed: 0, AppliedMs: null, ConfirmedMs: null }
  const quiet = { Cause: '', Detail: '', WaitsFor: '', WaitsDetail: '', WaitsSince: '' }
  return { Name: name, Pop: '', ...idle, ...quiet, ...given }
}

const applied = { Applied: 5, AppliedMs: 120 }
const confirmed = { ...applied, Confirmed: 5, ConfirmedMs: 5_250 }
const away = { WaitsFor: 'unreachable', WaitsDetail: 'ECONNREFUSED', WaitsSince: '2026-11-26T08:00:00.123Z' }

function task(State: TaskProgress['State'], caches: CacheProgress[], given: Partial<TaskProgress> = {}) {
  const known = {
    TaskId: '2026112600000001',
    MissedLines: 0,
    Commands: 5,
    AppliedMs: null,
    ConfirmedMs: null,
  }
  return { ...known, State, Caches: caches, ...given }
}

const running = task('running', [cache('edge', applied), cache('varnish', away)])
const allApplied = task('running', [cache('edge', applied), cache('varnish', applied)], { AppliedMs: 120 })
const failing = task('running', [cache('edge', { ...applied, Failed: 3, Cause: 'rejected' })], {
  AppliedMs: 120,
})
const complete = task('complete', [cache('edge', confirmed)], { AppliedMs: 120, ConfirmedMs: 5_250 })
const partial = task(
  'partial',
  [cache('edge', { ...confirmed, Failed: 1, Cause: 'rejected', Detail: '403' })],
  {
    MissedLines: 1,
  },
)

describe('the exit code', () => {
  it.each([
    ['confirmed everywhere', [complete], 'confirmed', 0],
    ['applied everywhere, and no more is awaited', [allApplied], 'applied', 0],
    ['applied everywhere, and confirming is awaited', [allApplied], 'confirmed', 4],
    ['one cache waits', [running], 'applied', 4],
    ['one task of two still runs', [complete, running], 'confirmed', 4],
    ['failed for one line', [partial], 'confirmed', 1],
    ['failed for one line, and only applying is awaited', [failing], 'applied', 1],
    ['failed, while others still run', [partial, running], 'confirmed', 4],
    ['failed in one task of two', [complete, partial], 'confirmed', 1],
    ['failed', [task('failed', [cache('edge')])], 'confirmed', 1],
  ] as const)('of “%s” is the truth', (_, tasks, awaited, code) => {
    expect(exitCodes[outcomeOf(tasks, awaited)]).toBe(code)
  })
})

describe('the last sentence', () => {
  it.each([
    [[complete], 'confirmed', 'Confirmed on 1 cache after 5.25 s.'],
    [[allApplied], 'applied', 'Applied on 2 caches after 0.12 s.'],
    [[partial], 'confirmed', 'Not done everywhere: edge 1 line failed: refused (403).'],
    [
      [running],
      'applied',
      'Still waiting for 1 of 2 caches: varnish waits since 2026-11-26T08:00:00Z: no connection (ECONNREFUSED).',
    ],
    [
      [
        task('running', [
          cache('edge', { ...applied, WaitsFor: 'shield', WaitsSince: '2026-11-26T08:00:00Z' }),
        ]),
      ],
      'confirmed',
      'Still waiting for 1 of 1 cache: edge waits since 2026-11-26T08:00:00Z: its shield has not confirmed yet.',
    ],
    [
      [task('partial', [cache('edge', applied)])],
      'confirmed',
      'Not done everywhere: edge applied after 0.12 s.',
    ],
    [
      [task('partial', [cache('edge', confirmed)], { MissedLines: 2 })],
      'confirmed',
      'Not done everywhere: 2 lines were missed.',
    ],
  ] as const)('of %# is true', (tasks, awaited, sentence) => {
    expect(endOf(tasks, awaited)).toBe(sentence)
  })
})

describe('tasks that were submitted together', () => {
  const both = rowsOf([
    task('running', [cache('edge', confirmed), cache('varnish', applied)]),
    task('running', [cache('edge', { ...applied, AppliedMs: 300 })], { Commands: 7 }),
  ])

  it('are one row for each cache', () => {
    expect(
      both.map(({ name, applied, confirmed, commands }) => [name, applied, confirmed, commands]),
    ).toEqual([
      ['edge', 10, 5, 12],
      ['varnish', 5, 0, 5],
    ])
  })

  it('are as late as the latest of them', () => {
    expect(both[0]).toMatchObject({ appliedMs: 300, confirmedMs: null })
  })
})

describe('in a log', () => {
  const look = (...caches: CacheProgress[]) => rowsOf([task('running', caches)])

  it('each thing that happens to a cache is one line, once', () => {
    const looks = [
      look(cache('edge'), cache('varnish')),
      look(cache('edge', { Applied: 3 }), cache('varnish', away)),
      look(cache('edge', { Applied: 5 }), cache('varnish', away)),
      look(cache('edge', applied), cache('varnish', away)),
      look(cache('edge', confirmed), cache('varnish', away)),
      look(cache('edge', confirmed), cache('varnish', { ...confirmed, ConfirmedMs: 71_500 })),
    ]
    expect(looks.map((rows, i) => changesOf(looks[i - 1] ?? [], rows))).toEqual([
      [],
      ['varnish waits since 2026-11-26T08:00:00Z: no connection (ECONNREFUSED)'],
      [],
      ['edge applied after 0.12 s'],
      ['edge confirmed after 5.25 s'],
      ['varnish confirmed after 72 s'],
    ])
  })

  it('a turn after a shield or an earlier purge is no news', () => {
    const behind = cache('edge', { ...applied, WaitsFor: 'shield', WaitsSince: '2026-11-26T08:00:00Z' })
    expect(changesOf(look(cache('edge', applied)), look(behind))).toEqual([])
  })
})

describe('bars', () => {
  const rows = rowsOf([
    task('running', [
      cache('done', confirmed),
      cache('half', { Applied: 4, Confirmed: 2 }),
      cache('a-cache-with-a-long-name', { ...away, Pop: 'Frankfurt' }),
    ]),
  ])
  const screen = { columns: 100, rows: 24, color: false }

  it('show how far each cache is', () => {
    expect(drawBars(rows, screen)).toEqual([
      `${'done'.padEnd(33)} ████████████████████ confirmed after 5.25 s`,
      `${'half'.padEnd(33)} ████████▒▒▒▒▒▒▒▒░░░░ 4 of 5 taken`,
      'a-cache-with-a-long-name (Frankf… ░░░░░░░░░░░░░░░░░░░░ waits since 2026-11-26T08:00:00Z: no connec…',
    ])
  })

  it.each([200, 100, 61, 59, 41, 39, 20, 10])('fit a screen of %i columns', (columns) => {
    for (const line of drawBars(rows, { ...screen, columns })) expect(line.length).toBeLessThan(columns)
  })

  it('fit a low screen with what needs somebody, and say how many are left out', () => {
    const idle = Array.from({ length: 49 }, (_, n) => cache(`edge-${n}`))
    const many = rowsOf([task('running', [...idle, cache('varnish', away)])])
    const lines = drawBars(many, { ...screen, rows: 10 })
    expect(lines.length).toBe(8)
    expect(lines[0]).toContain('varnish')
    expect(lines.at(-1)).toBe('… and 43 more')
  })

  it('are coloured only where that is wanted', () => {
    const escapes = (color: boolean) =>
      drawBars(rows, { ...screen, color })
        .join('')
        .split('\x1b[').length - 1
    expect([escapes(false), escapes(true)]).toEqual([0, 6])
  })
})
