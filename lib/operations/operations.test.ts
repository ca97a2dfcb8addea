import { globSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { actionNames } from '#lib/core/actions.ts'
import type { Operation } from './operation.ts'

/** What the vendor's API has and the console does not. */
const ofTheApi = ['dcdn:RefreshDcdnObjectCacheByCacheTag']

const isOperation = (exported: unknown): exported is Operation<unknown, unknown> =>
  typeof exported === 'function' && 'action' in exported

it('every action that a policy can grant is that of an operation, and the other way round', async () => {
  const files = globSync(path.join(import.meta.dirname, '*.ts')).filter((file) => !file.includes('.test.'))
  const modules = await Promise.all(files.map((file) => import(file)))
  const operations = modules.flatMap((module) => Object.values(module)).filter(isOperation)
  const used = new Set([...operations.map(({ action }) => action), ...ofTheApi])
  expect([...used].sort()).toEqual([...actionNames].sort())
})
