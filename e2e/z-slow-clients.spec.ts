import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './fixtures.ts'
import { slowClients } from './slow-clients.ts'

// Named to run last: their time is over by then.
test('what comes too slowly is answered in a sentence, and no error leaves a trace of our code', async () => {
  test.setTimeout(90_000)
  for (const answer of await slowClients()) expect(answer).toMatch(/^HTTP\/1.1 408 [^]+\.\n$/)
  const log = readFileSync(path.join(process.env.FRESHET_E2E_STATE ?? '', 'logs/console.log'), 'utf8')
  expect(log).not.toMatch(/^\s+at .*(?:door|body)\.ts/m)
})
