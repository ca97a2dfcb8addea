import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { clientEnvironment } from './environment.ts'
import { Misuse } from './options.ts'

/** Where calls go, and who makes them. */
export type Connection = { endpoint: URL; accessKeyId: string; accessKeySecret: string }

type Profile = { endpoint: string; accessKeyId: string; accessKeySecret: string }
type Profiles = Record<string, Profile>
type Given = { endpoint?: string | undefined; profile?: string | undefined }

/**
 * Finds the console and the key. A profile that is named on the command line is taken whole; otherwise the
 * environment goes first. Id and secret come from one place, or a refusal would speak of a key nobody chose.
 *
 * @throws Misuse where one of them is missing, and says how to give it
 */
export function connectionOf(given: Given): Connection {
  const environment = clientEnvironment()
  const { accessKeyId, accessKeySecret } = environment
  if (!given.profile && (accessKeyId === undefined) !== (accessKeySecret === undefined))
    throw new Misuse('Set both FRESHET_ACCESS_KEY_ID and FRESHET_ACCESS_KEY_SECRET, or none of them.')
  const name = given.profile ?? environment.profile
  const ownKey = given.profile ? undefined : accessKeyId && { accessKeyId, accessKeySecret }
  const ownEndpoint = given.endpoint ?? (given.profile ? undefined : environment.endpoint)
  const profile = ownKey && ownEndpoint ? undefined : findProfile(environment.profileFile, name)
  const key = ownKey || profile
  const endpoint = ownEndpoint ?? profile?.endpoint
  if (!key?.accessKeyId || !key.accessKeySecret || !endpoint)
    throw new Misuse(
      'There is no console and access key to use. Write a profile with “freshet configure”, or set ' +
        'FRESHET_ENDPOINT, FRESHET_ACCESS_KEY_ID and FRESHET_ACCESS_KEY_SECRET.',
    )
  const { accessKeyId: id, accessKeySecret: secret } = key
  requireKey(id, secret)
  return { endpoint: readEndpoint(endpoint), accessKeyId: id, accessKeySecret: secret }
}

/** What else a header refuses, it would print with all that stands beside. */
function requireKey(id: unknown, secret: unknown): void {
  for (const [part, value] of Object.entries({ id, secret }))
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value))
      throw new Misuse(
        `The ${part} of the access key is empty or has a character that no key has. Copy it again.`,
      )
}

/** Calls go to the root of an address, because that is what is signed. */
export function readEndpoint(given: string): URL {
  // Neither asked nor repeated with a password, which may stand where a URL has none.
  if (/@/.test(given))
    throw new Misuse('The endpoint has an “@”. Write https://HOST, without a name or password.')
  const url = URL.canParse(given) ? new URL(given) : undefined
  const fits = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search
  if (!fits)
    throw new Misuse(`The endpoint is “${given}”. Write https://HOST or http://HOST, without a path.`)
  return url
}

/** The profile of a name; “default” need not be there. */
function findProfile(file: string, name: string | undefined): Profile | undefined {
  const profiles = readProfiles(file)
  const wanted = name ?? 'default'
  if (Object.hasOwn(profiles, wanted)) return profiles[wanted]
  if (name === undefined) return undefined
  const known = Object.keys(profiles).join(', ') || 'none'
  throw new Misuse(`There is no profile “${name}” in ${file}; it has ${known}.`)
}

function readProfiles(file: string): Profiles {
  if (!existsSync(file)) return {}
  requirePrivate(file)
  const content = readFileSync(file, 'utf8')
  try {
    return Object(JSON.parse(content))
  } catch {
    // Not the engine's sentence, which repeats a piece of what it read.
    throw new Misuse(
      `${file} is not JSON. Mend it, or remove it and write profiles with “freshet configure”.`,
    )
  }
}

/** A secret that others can read is none. Windows has no such modes. */
function requirePrivate(file: string): void {
  const mode = statSync(file).mode & 0o777
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  throw new Misuse(
    `${file} holds secrets, and its mode ${mode.toString(8)} lets others at it. Close it: chmod 600 ${file}`,
  )
}

/** Adds a profile or replaces one; the file is always whole, and never readable for others. */
export function writeProfile(file: string, name: string, profile: Profile): void {
  requireKey(profile.accessKeyId, profile.accessKeySecret)
  const profiles = { ...readProfiles(file), [name]: profile }
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, file)
}
