import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const flag = z
  .enum(['0', '1', 'true', 'false'], 'Write 1 or 0.')
  .transform((given) => given === '1' || given === 'true')

const schema = z.object({
  /** An outside Postgres, 15 or newer; the launcher sets it to its own otherwise. */
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'Write postgres://USER:PASSWORD@HOST:PORT/DATABASE.'),
  HOST: z.string().default('localhost'),
  PORT: z.coerce.number('Write a port number.').int().min(1).max(65535).default(3000),
  /** The address in browsers, where a proxy stands in front. */
  FRESHET_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'Write http://HOST or https://HOST.' }).optional(),
  /** Addresses or CIDR blocks whose X-Forwarded-For and -Host are believed, by commas. */
  FRESHET_TRUSTED_PROXIES: z.string().default(''),
  FRESHET_STATE: z.string().default('.freshet'),
  /** 32 bytes in base64; otherwise the file secret.key in the state folder. */
  FRESHET_SECRET_KEY: z.string().optional(),
  FRESHET_SECURE_COOKIES: flag.optional(),
  /** The demo fleet as JSON; the launcher sets it. */
  FRESHET_DEMO: z.string().optional(),
})

/** Everything that the environment decides, checked. */
export type Settings = {
  databaseUrl: string
  host: string
  port: number
  publicUrl: string | undefined
  trustedProxies: string[]
  stateFolder: string
  secretKey: Buffer
  secureCookies: boolean
  demo: string | undefined
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

function parse(environment: NodeJS.ProcessEnv): Settings {
  const parsed = schema.safeParse(environment)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const name = String(issue?.path[0])
    const given = environment[name]
    // A database's address holds a password, and a key is one.
    const shown =
      given === undefined
        ? 'is not set'
        : name === 'HOST' || name === 'PORT'
          ? `is “${given}”`
          : 'does not fit'
    throw new Error(`${name} ${shown}. ${issue?.message ?? ''}`)
  }
  const given = parsed.data
  const stateFolder = resolve(given.FRESHET_STATE)
  return {
    databaseUrl: given.DATABASE_URL,
    host: given.HOST,
    port: given.PORT,
    publicUrl: given.FRESHET_PUBLIC_URL?.replace(/\/$/, ''),
    trustedProxies: given.FRESHET_TRUSTED_PROXIES.split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
    stateFolder,
    secretKey: secretKey(given.FRESHET_SECRET_KEY, stateFolder),
    secureCookies: given.FRESHET_SECURE_COOKIES ?? given.FRESHET_PUBLIC_URL?.startsWith('https://') ?? false,
    demo: given.FRESHET_DEMO,
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
