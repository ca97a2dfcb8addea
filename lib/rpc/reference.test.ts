import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { faults } from '#lib/core/fault.ts'
import { reference } from './reference.ts'

const page = path.resolve(import.meta.dirname, '../../docs/api.md')

it('docs/api.md is what the code says', async () => {
  await expect(reference()).toMatchFileSnapshot(page)
})

it('every code of a refusal is in docs/api.md, and every code there is in the catalogue', () => {
  const table = readFileSync(page, 'utf8').split('## Errors')[1] ?? ''
  const codes = [...table.matchAll(/^\| ([A-Z][\w.]+) \| \d{3}/gm)].map(([, code]) => code)
  expect(codes.sort()).toEqual(
    [...Object.keys(faults), 'InternalError', 'InvalidRequest', 'RequestBodyTooLarge'].sort(),
  )
})
