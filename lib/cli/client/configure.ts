import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { callOnce, NoAnswer, Refusal } from './call.ts'
import { clientEnvironment } from './environment.ts'
import { Misuse, readOptions } from './options.ts'
import { type Connection, readEndpoint, writeProfile } from './profile.ts'
import { askedForQuota } from './quota.ts'

/** `freshet configure`. A secret is no option: everybody on the machine sees the arguments of a process. */
export async function configure(args: string[]): Promise<number> {
  const { values } = readOptions('configure', args)
  const { profileFile } = clientEnvironment()
  const name = values.profile ?? 'default'
  const endpoint = readEndpoint(values.endpoint ?? (await ask('Address of the console: ', 'endpoint'))).origin
  const accessKeyId = values['access-key-id'] ?? (await ask('Access key id: ', 'access-key-id'))
  const accessKeySecret = await readSecret()
  writeProfile(profileFile, name, { endpoint, accessKeyId, accessKeySecret })
  const trouble = await tryKey({ endpoint: new URL(endpoint), accessKeyId, accessKeySecret })
  if (values.json) console.log(JSON.stringify({ Profile: name, File: profileFile, KeyWorks: !trouble }))
  else
    console.log(
      `Wrote the profile “${name}” to ${profileFile}.${trouble ? '' : ' The console takes its key.'}`,
    )
  if (trouble) console.error(trouble.message)
  return trouble?.exitCode ?? 0
}

const tryMs = 10_000

/** Why a key cannot be used; one that may do something else than this call can. */
async function tryKey(connection: Connection): Promise<Refusal | NoAnswer | undefined> {
  try {
    await callOnce(connection, askedForQuota, performance.now() + tryMs)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.code === 'NoPermission' ? undefined : error
    if (error instanceof NoAnswer) return error
    throw error
  }
}

/** Without a terminal there is nobody to ask, and the standard input is the secret's. */
async function ask(question: string, option: string): Promise<string> {
  if (!process.stdin.isTTY) throw new Misuse(`--${option} is missing.`)
  return readTerminal(question, process.stderr)
}

async function readSecret(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim()
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const answer = readTerminal('', nowhere)
  // After that has begun: what is typed earlier the terminal would show.
  process.stderr.write('Access key secret (not shown): ')
  const secret = await answer
  process.stderr.write('\n')
  return secret
}

function readTerminal(question: string, output: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true, prompt: question })
  terminal.prompt()
  return new Promise<string>((resolve, reject) => {
    terminal.once('line', (line) => resolve(line.trim()))
    terminal.once('close', () => reject(new Misuse('Nothing was given, so nothing was written.')))
    terminal.once('SIGINT', () => process.exit(130))
  }).finally(() => terminal.close())
}
