import { describe, expect, it } from 'vitest'
import { completionsOf, parseAuditFilter } from './audit-filter.ts'

const read = (text: string, zone = 'UTC') => parseAuditFilter(text, zone)

describe('a search of the audit log', () => {
  it.each([
    ['', {}],
    ['actor:maria', { actor: ['maria'] }],
    ['actor:maria ACTOR:"Jo Doe"', { actor: ['maria', 'Jo Doe'] }],
    ['action:freshet:SaveCache', { action: ['freshet:SaveCache'] }],
    ['freshet:SaveCache acs:dcdn:*:1:domain/a', { words: ['freshet:SaveCache', 'acs:dcdn:*:1:domain/a'] }],
    ['domain:*.example.com outcome:Refused', { domain: ['*.example.com'], outcome: 'refused' }],
    ['save "two words" 2001:db8::1', { words: ['save', 'two words', '2001:db8::1'] }],
    ['address:2001:db8::1 request:abc', { address: ['2001:db8::1'], request: ['abc'] }],
    ['from:2026-11-01', { from: '2026-11-01T00:00:00.000Z' }],
    ['until:2026-11-01', { until: '2026-11-02T00:00:00.000Z' }],
    ['until:2026-11-01T10:30', { until: '2026-11-01T10:30:00.000Z' }],
    ['from:2026-11-01T10:30:05+01:00', { from: '2026-11-01T09:30:05.000Z' }],
    ['from:2026-11-01t10:30z', { from: '2026-11-01T10:30:00.000Z' }],
  ])('“%s” is read', (text, filter) => {
    expect(read(text)).toEqual({ filter, problems: [] })
  })

  it('names every part that it cannot read, and the others filter', () => {
    const text =
      'who:me actor: outcome:maybe from:2026-02-31 until:tomorrow from:2026-11-01T25:00 from:2026-11-01T10:00+99:99 actor:maria'
    expect(read(text)).toEqual({
      filter: { actor: ['maria'] },
      problems: [
        { part: 'who:me', is: 'key' },
        { part: 'actor:', is: 'empty' },
        { part: 'outcome:maybe', is: 'outcome' },
        { part: 'from:2026-02-31', is: 'moment' },
        { part: 'until:tomorrow', is: 'moment' },
        { part: 'from:2026-11-01T25:00', is: 'moment' },
        { part: 'from:2026-11-01T10:00+99:99', is: 'moment' },
      ],
    })
  })

  it.each([
    ['outcome:done outcome:refused', 'twice'],
    ['from:2026-11-01 from:2026-11-02', 'twice'],
    ['from:2026-11-02 until:2026-11-01', 'order'],
    [`actor:${'x'.repeat(300)}`, 'long'],
    ['a '.repeat(21), 'many'],
  ])('“%s” is refused: %s', (text, is) => {
    expect(read(text).problems).toMatchObject([{ is }])
  })

  it.each([
    ['Europe/Berlin', '2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['Europe/Berlin', '2026-12-01', '2026-11-30T23:00:00.000Z'],
    // The clocks go back at 3:00 of this day.
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-26', '2026-10-25T23:00:00.000Z'],
    ['Asia/Shanghai', '2026-11-01', '2026-10-31T16:00:00.000Z'],
    ['America/St_Johns', '2026-11-01T08:15', '2026-11-01T11:45:00.000Z'],
  ])('tells days by the clocks of %s: %s', (zone, day, moment) => {
    expect(read(`from:${day}`, zone).filter.from).toBe(moment)
  })
})

describe('the word under the cursor', () => {
  it.each([
    ['a', ['actor:', 'action:', 'address:']],
    ['outcome:', ['outcome:done', 'outcome:refused']],
    ['outcome:r', ['outcome:refused']],
    ['actor:', ['actor:maria', 'actor:"Jo Doe"']],
    ['actor:MAR', ['actor:maria']],
    ['actor:maria', []],
    ['from:', []],
    ['zzz', []],
  ])('“%s” may become %j', (word, completions) => {
    expect(completionsOf(word, { actor: ['maria', 'Jo Doe'] })).toEqual(completions)
  })
})
