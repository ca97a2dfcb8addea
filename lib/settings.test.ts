import { afterEach, expect, it, vi } from 'vitest'
import { extendEnvironment, settings, setupToken, startSettings } from './settings.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  extendEnvironment({})
})

it.each([
  ['PORT', 'many', 'PORT is “many”. Write a port number from 1 to 65535.'],
  ['PORT', '70000', 'PORT is “70000”. Write a port number from 1 to 65535.'],
  ['FRESHET_PUBLIC_URL', 'freshet.example', 'FRESHET_PUBLIC_URL is “freshet.example”. Write http://'],
  ['FRESHET_TRUSTED_PROXIES', '10.0.0.0/33', 'FRESHET_TRUSTED_PROXIES is “10.0.0.0/33”. Write addresses'],
  ['FRESHET_TRUSTED_PROXIES', 'proxy', 'FRESHET_TRUSTED_PROXIES is “proxy”. Write addresses'],
  ['FRESHET_SECURE_COOKIES', 'yes', 'FRESHET_SECURE_COOKIES is “yes”. Write 1 or 0.'],
])('%s=%s is refused in a sentence', (name, value, sentence) => {
  vi.stubEnv(name, value)
  expect(startSettings).toThrow(sentence)
})

it('a database address that does not fit is not repeated, because it holds a password', () => {
  vi.stubEnv('DATABASE_URL', 'mysql://me:secret@db/freshet')
  expect(startSettings).toThrow('DATABASE_URL does not fit. Write postgres://')
  expect(startSettings).not.toThrow('secret')
})

it('an empty variable is one that is not set', () => {
  vi.stubEnv('PORT', '')
  expect(startSettings().port).toBe(3000)
})

it('networks of trusted proxies are listed by commas', () => {
  vi.stubEnv('DATABASE_URL', 'postgres://db/freshet')
  vi.stubEnv('FRESHET_SECRET_KEY', Buffer.alloc(32).toString('base64'))
  vi.stubEnv('FRESHET_TRUSTED_PROXIES', '10.0.0.0/8, ::1')
  expect(settings().trustedProxies).toEqual(['10.0.0.0/8', '::1'])
})

it('the set-up token follows from the secret key alone', () => {
  vi.stubEnv('DATABASE_URL', 'postgres://db/freshet')
  vi.stubEnv('FRESHET_SECRET_KEY', Buffer.alloc(32, 1).toString('base64'))
  const token = setupToken()
  expect(token).toMatch(/^[\w-]{24}$/)
  extendEnvironment({ FRESHET_SECRET_KEY: Buffer.alloc(32, 2).toString('base64') })
  expect(setupToken()).not.toBe(token)
})
