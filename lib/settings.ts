import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type Demo, demoSchema } from '#lib/core/demo.ts'

const flag = z
  .enum(['0', '1', 'true', 'false'], 'Write 1 or 0.')
  .transform((given) => given === '1' || given === 'true')

const portRule = 'Write a port number from 1 to 65535.'

function isNetwork(entry: string): boolean {
  const [address, bits, ...rest] = entry.split('/')
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address ?? '')] ?? -1
  if (longest === -1 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest)
}

const schema = z.object({
  /** An outside Postgres, 15 or newer; the launcher sets it to its own otherwise. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'Write postgres://USER:PASSWORD@HOST:PORT/DATABASE.')
    .optional(),
  HOST: z.string().default('localhost'),
  PORT: z.coerce.number(portRule).int(portRule).min(1, portRule).max(65535, portRule).default(3000),
  /** A second port for the API alone, whose addresses may be 4 MiB long. */
  FRESHET_API_PORT: z.coerce.number(portRule).int(portRule).min(1, portRule).max(65535, portRule).optional(),
  /** The address in browsers, where a proxy stands in front. */
  FRESHET_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'Write http://HOST or https://HOST.' }).optional(),
  /** Addresses or CIDR blocks of proxies whose X-Forwarded headers are believed, by commas. */
  FRESHET_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((given) =>
      given
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .refine(
      (entries) => entries.every(isNetwork),
      'Write addresses or CIDR blocks, by commas: 10.0.0.0/8, ::1.',
    ),
  FRESHET_STATE: z.string().default('.freshet'),
  /** 32 bytes in base64; otherwise the file secret.key in the state folder. */
  FRESHET_SECRET_KEY: z.string().optional(),
  FRESHET_SECURE_COOKIES: flag.optional(),
  /** Where the built console is. */
  FRESHET_BUILD: z.string().default('.next'),
  /** The browser for end-to-end tests; otherwise one is found. */
  FRESHET_BROWSER: z.string().optional(),
  /** The demo fleet as JSON; the launcher sets it. */
  FRESHET_DEMO: z
    .string()
    .transform((given) => JSON.parse(given))
    .pipe(demoSchema)
    .optional(),
})

/** Everything that the environment decides, checked. */
export type Settings = {
  databaseUrl: string
  host: string
  port: number
  apiPort: number | undefined
  publicUrl: string | undefined
  trustedProxies: string[]
  stateFolder: string
  secretKey: Buffer
  secureCookies: boolean
  demo: Demo | null
}

let read: Settings | undefined

/**
 * The settings of this process, read at the first use; the only reader of the environment.
 *
 * @throws Error with one sentence that names the variable, what was given and what is expected
 */
export function settings(): Settings {
  read ??= parse(process.env)
  return read
}

/** What can be known before there is a database and a key: the launcher makes both. */
export function startSettings() {
  const given = check(process.env)
  const host = ['0.0.0.0', '::'].includes(given.HOST) ? 'localhost' : given.HOST
  const local = `http://${host.includes(':') ? `[${host}]` : host}:${given.PORT}`
  return {
    databaseUrl: given.DATABASE_URL,
    host: given.HOST,
    port: given.PORT,
    /** Where browsers find the console. */
    address: given.FRESHET_PUBLIC_URL?.replace(/\/$/, '') ?? local,
    stateFolder: resolve(given.FRESHET_STATE),
    hasSecretKey: given.FRESHET_SECRET_KEY !== undefined,
    buildFolder: given.FRESHET_BUILD,
    browser: given.FRESHET_BROWSER,
    ci: process.env.CI === 'true',
  }
}

/** Adds to the environment of this process and of those it starts. */
export function extendEnvironment(values: Record<string, string>): void {
  Object.assign(process.env, values)
  read = undefined
}

const secrets = new Set(['DATABASE_URL', 'FRESHET_SECRET_KEY', 'FRESHET_DEMO'])

function check(environment: NodeJS.ProcessEnv) {
  // An empty variable is how a shell or a unit file says that one is not set.
  const set = Object.entries(environment).filter(([, value]) => value !== '')
  const parsed = schema.safeParse(Object.fromEntries(set))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const name = String(issue?.path[0])
  // A database's address holds a password, and a key is one.
  const shown = secrets.has(name) ? 'does not fit' : `is “${environment[name]}”`
  throw new Error(`${name} ${shown}. ${issue?.message ?? ''}`)
}

function parse(environment: NodeJS.ProcessEnv): Settings {
  const given = check(environment)
  if (!given.DATABASE_URL)
    throw new Error('DATABASE_URL is not set. “npm start” brings a database of its own.')
  const stateFolder = resolve(given.FRESHET_STATE)
  return {
    databaseUrl: given.DATABASE_URL,
    host: given.HOST,
    port: given.PORT,
    apiPort: given.FRESHET_API_PORT,
    publicUrl: given.FRESHET_PUBLIC_URL?.replace(/\/$/, ''),
    trustedProxies: given.FRESHET_TRUSTED_PROXIES,
    stateFolder,
    secretKey: secretKey(given.FRESHET_SECRET_KEY, stateFolder),
    secureCookies: given.FRESHET_SECURE_COOKIES ?? given.FRESHET_PUBLIC_URL?.startsWith('https://') ?? false,
    demo: given.FRESHET_DEMO ?? null,
  }
}

function secretKey(given: string | undefined, stateFolder: string): Buffer {
  const file = join(stateFolder, 'secret.key')
  let text = given
  try {
    text ??= readFileSync(file, 'utf8')
  } catch {
    throw new Error(
      `FRESHET_SECRET_KEY is not set and ${file} cannot be read. Start with “npm start”, which makes it.`,
    )
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) throw new Error('FRESHET_SECRET_KEY does not fit. Write 32 random bytes in base64.')
  return key
}

/** A key of its own for one purpose, so that no two uses share the secret key. */
export function derivedKey(purpose: string): Buffer {
  return createHmac('sha256', settings().secretKey).update(purpose).digest()
}

/** The one-time set-up token: derived, so that it can be printed again until an account exists. */
export function setupToken(): string {
  return derivedKey('set-up').toString('base64url').slice(0, 24)
}
