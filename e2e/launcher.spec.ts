import { existsSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, test } from './fixtures.ts'
import { freePort, launch, readSetupLink, stateFolder } from './launch.ts'
import type { Product } from './product.ts'

const state = stateFolder('launcher')

test.afterEach(() => rmSync(state, { recursive: true, force: true }))

test.describe('what cannot start says why in one sentence', () => {
  const cases: [string, (running: Product) => Promise<Record<string, string>>, RegExp][] = [
    [
      'a second start beside a running one',
      async ({ state }) => ({ FRESHET_STATE: state, PORT: String(await freePort()) }),
      /^Freshet already runs here, at http:\/\/localhost:\d+ \(process \d+\): .+\.$/,
    ],
    [
      'a port in use',
      async ({ url }) => ({ PORT: new URL(url).port }),
      /^Port \d+ is in use by another program: .+\.$/,
    ],
    [
      'a database that does not answer',
      async () => ({
        PORT: String(await freePort()),
        DATABASE_URL: 'postgres://me:secret@localhost:1/freshet',
      }),
      /^Postgres at localhost:1\/freshet cannot be used: .+\.$/,
    ],
    ['a setting that does not fit', async () => ({ PORT: 'many' }), /^PORT is “many”\. .+\.$/],
  ]
  for (const [name, variables, sentence] of cases) {
    test(name, async ({ product }) => {
      const started = launch({ FRESHET_STATE: state, ...(await variables(product)) })
      expect(await started.ended).toBe(1)
      expect(started.output().trim()).toMatch(sentence)
    })
  }
})

test.describe('what ends leaves nothing behind', () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(signal, async () => {
      const port = await freePort()
      const started = launch({ FRESHET_STATE: state, PORT: String(port) }, '--no-demo')
      await readSetupLink(started)
      const database = readPostgres()
      const asked = performance.now()
      started.child.kill(signal)
      await started.ended
      await expect.poll(() => isListening(port), { intervals: [50] }).toBe(false)
      await expect.poll(() => isListening(database.port), { intervals: [50] }).toBe(false)
      // Postgres removes it as the last thing of an orderly shutdown.
      await expect.poll(() => existsSync(database.file), { intervals: [50] }).toBe(false)
      expect(performance.now() - asked).toBeLessThan(2_000)
    })
  }
})

function readPostgres() {
  const file = path.join(state, 'postgres/data/postmaster.pid')
  return { file, port: Number(readFileSync(file, 'utf8').split('\n')[3]) }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.end()
  })
}
