import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ask } from './test-stand.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const secret = 'sixteen-characters'
const origin = 'a.test=http://127.0.0.1:1'

test.for([
  ['no secret', ['--origin', origin], 'The secret needs 16 characters at least'],
  ['nowhere to fetch from', ['--secret', secret], 'Name an --origin or a --shield.'],
  [
    'an origin without a host',
    ['--secret', secret, '--origin', 'http://127.0.0.1:1'],
    '--origin takes HOST=',
  ],
  ['an origin with a path', ['--secret', secret, '--origin', 'a.test=http://a/b'], '--origin takes http://'],
  ['a port that is none', ['--secret', secret, '--origin', origin, '--port', 'x'], '--port takes a number'],
  ['a name with blanks', ['--secret', secret, '--origin', origin, '--name', 'a b'], '--name takes letters'],
  [
    'no folder for its disk',
    ['--secret', secret, '--origin', origin, '--disk', main],
    'The disk folder cannot',
  ],
  ['an unknown flag', ['--colour', 'red'], "Unknown option '--colour'"],
] as const)('with %s it says so in one sentence and shows its flags', ([, args, sentence]) => {
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stderr.split('\n')[0]).toContain(sentence)
  expect(stderr).toContain('--control-port N')
})

test('it says where it is ready, takes its secret from the environment, and ends when asked', async () => {
  const args = [main, '--port', '0', '--control-port', '0', '--origin', origin, '--name', 'one']
  const child = spawn(process.execPath, args, { env: { ...process.env, FRESHET_EDGE_SECRET: secret } })
  const [line] = await once(child.stdout, 'data')
  const { control } = JSON.parse(String(line))
  const headers = { authorization: `Bearer ${secret}` }
  const told = await ask(control, { path: '/v1/status', headers })
  expect(JSON.parse(told.body)).toMatchObject({
    name: 'one',
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
