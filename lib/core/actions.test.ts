import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { actionNames, actions, resourcePattern } from './actions.ts'

it('the reference has every action as it is in the table, and no other', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/policies.md'), 'utf8')
  const rows = actionNames.map((name) => {
    const { resource, level, conditions } = actions[name]
    const kind = resource === '*' ? '`*`' : resource
    return `| \`${name}\` | ${kind} | ${level} | ${conditions.length > 0 ? 'yes' : ''} |`
  })
  expect(text.match(/^\| `(dcdn|freshet):\w+` \| .* \| (read|write) \|.*$/gm)).toEqual(rows)
})

it.each([
  ['dcdn:RefreshDcdnObjectCaches', 'acs:dcdn:*:7:domain/a.test'],
  ['dcdn:DescribeDcdnRefreshQuota', '*'],
  ['freshet:SaveCache', 'acs:freshet:*:7:cache/a.test'],
  ['freshet:ListAudit', 'acs:freshet:*:7:audit'],
] as const)('%s is asked for %s', (action, resource) => {
  expect(resourcePattern(action, 7, 'a.test')).toBe(resource)
})
