import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clientEnvironment } from './environment.ts'
import { Misuse } from './options.ts'
import { connectionOf, readEndpoint, writeProfile } from './profile.ts'

let folder = ''
let file = ''
const production = { endpoint: 'https://freshet.example.com', accessKeyId: 'LTAI1', accessKeySecret: 's1' }
const staging = { endpoint: 'http://localhost:3000', accessKeyId: 'LTAI2', accessKeySecret: 's2' }
const names = ['FRESHET_ENDPOINT', 'FRESHET_ACCESS_KEY_ID', 'FRESHET_ACCESS_KEY_SECRET', 'FRESHET_PROFILE']

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'freshet-profile-'))
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  for (const name of names) vi.stubEnv(name, '')
  file = clientEnvironment().profileFile
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function found(given: Parameters<typeof connectionOf>[0] = {}) {
  const { endpoint, ...key } = connectionOf(given)
  return { endpoint: endpoint.origin, ...key }
}

describe('the profile file', () => {
  it('is made for its owner alone, in a folder of its own', () => {
    writeProfile(file, 'default', production)
    expect(file).toBe(path.join(folder, 'freshet/profiles.json'))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
  })

  it('keeps other profiles, and replaces one of the same name', () => {
    writeProfile(file, 'default', staging)
    writeProfile(file, 'staging', staging)
    writeProfile(file, 'default', production)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ default: production, staging })
  })

  it.each([0o640, 0o604, 0o660])('of mode %i is not used, read or written', (mode) => {
    writeProfile(file, 'default', production)
    chmodSync(file, mode)
    const sentence = `lets others at it. Close it: chmod 600 ${file}`
    expect(connectionOf.bind(null, {})).toThrow(sentence)
    expect(() => writeProfile(file, 'other', staging)).toThrow(sentence)
  })

  it.each(['null', '[]', '{"default":null}', '{"default":{"endpoint":"https://a.example.com"}}'])(
    'that holds %s is refused',
    (text) => {
      writeProfile(file, 'default', production)
      writeFileSync(file, text)
      expect(connectionOf.bind(null, {})).toThrow('no console and access key')
    },
  )

  it('that is broken is refused, without a word of what it holds', () => {
    writeProfile(file, 'default', production)
    writeFileSync(file, 's1-is-a-secret')
    const sentence = `${file} is not JSON. Mend it, or remove it and write profiles with “freshet configure”.`
    expect(connectionOf.bind(null, {})).toThrow(new Misuse(sentence))
  })
})

describe('the console and the key', () => {
  beforeEach(() => {
    writeProfile(file, 'default', production)
    writeProfile(file, 'staging', staging)
  })

  const setKey = () => {
    vi.stubEnv('FRESHET_ACCESS_KEY_ID', 'LTAI3')
    vi.stubEnv('FRESHET_ACCESS_KEY_SECRET', 's3')
  }

  it('are those of the profile “default” where nothing is said', () => {
    expect(found()).toEqual(production)
  })

  it('are those of a profile that the environment names', () => {
    vi.stubEnv('FRESHET_PROFILE', 'staging')
    expect(found()).toEqual(staging)
  })

  it('are those of the environment where it has them', () => {
    setKey()
    expect(found()).toEqual({ ...production, accessKeyId: 'LTAI3', accessKeySecret: 's3' })
    vi.stubEnv('FRESHET_ENDPOINT', 'https://other.example.com')
    expect(found().endpoint).toBe('https://other.example.com')
  })

  it('are those of a profile that is named in the command, whatever the environment has', () => {
    setKey()
    vi.stubEnv('FRESHET_ENDPOINT', 'https://other.example.com')
    expect(found({ profile: 'staging' })).toEqual(staging)
    expect(found({ profile: 'staging', endpoint: 'https://new.example.com' })).toEqual({
      ...staging,
      endpoint: 'https://new.example.com',
    })
  })

  it('are not looked for in files where the environment has all', () => {
    setKey()
    vi.stubEnv('FRESHET_ENDPOINT', 'https://other.example.com')
    chmodSync(file, 0o644)
    expect(found().accessKeyId).toBe('LTAI3')
  })

  it('are not made of an id from here and a secret from there', () => {
    vi.stubEnv('FRESHET_ACCESS_KEY_ID', 'LTAI3')
    expect(found).toThrow('Set both FRESHET_ACCESS_KEY_ID and FRESHET_ACCESS_KEY_SECRET')
  })

  it.each(['', 's\n1', 's 1', 's1\u2069', 's\u00e9', 5])(
    'are not used or written with %j in the key',
    (wrong) => {
      for (const part of ['accessKeyId', 'accessKeySecret']) {
        const key = { ...production, [part]: wrong }
        expect(() => writeProfile(file, 'wrong', key)).toThrow('Copy it again.')
        writeFileSync(file, JSON.stringify({ default: key }))
        expect(found).toThrow(/Copy it again|no console and access key/)
      }
    },
  )

  it('are not used with a blank in the key of the environment', () => {
    setKey()
    vi.stubEnv('FRESHET_ACCESS_KEY_ID', 'LTAI3 hidden')
    expect(found).toThrow(/^The id of the access key .+ Copy it again\.$/)
    expect(found).not.toThrow('hidden')
  })

  it('are missed by name', () => {
    expect(() => found({ profile: 'prod' })).toThrow('There is no profile “prod” in')
    rmSync(file)
    expect(existsSync(file)).toBe(false)
    expect(found).toThrow('Write a profile with “freshet configure”')
  })
})

it.each(['freshet.example.com', 'ftp://a.example.com', 'https://a.example.com/api'])(
  'the endpoint “%s” is refused',
  (given) => {
    expect(() => readEndpoint(given)).toThrow('Write https://HOST or http://HOST, without a path.')
  },
)

it.each(['https://u:hidden@a.example.com', 'https://:hidden@a.example.com', 'u:hidden@a.example.com'])(
  'the endpoint “%s” is refused and not repeated',
  (given) => {
    expect(() => readEndpoint(given)).toThrow('Write https://HOST, without a name or password.')
    expect(() => readEndpoint(given)).not.toThrow('hidden')
  },
)
