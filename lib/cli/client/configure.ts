import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { clientEnvironment } from './environment.ts'
import { Misuse, readOptions } from './options.ts'
import { readEndpoint, writeProfile } from './profile.ts'

/** `freshet configure`. A secret is no option: everybody on the machine sees the arguments of a process. */
export async function configure(args: string[]): Promise<number> {
  const { values } = readOptions('configure', args)
  const { profileFile } = clientEnvironment()
  const name = values.profile ?? 'default'
  const endpoint = readEndpoint(values.endpoint ?? (await ask('Address of the console: ', 'endpoint'))).origin
  const accessKeyId = values['access-key-id'] ?? (await ask('Access key id: ', 'access-key-id'))
  const accessKeySecret = await readSecret()
  if (!accessKeyId || !accessKeySecret)
    throw new Misuse('An access key has an id and a secret; one is empty.')
  writeProfile(profileFile, name, { endpoint, accessKeyId, accessKeySecret })
  if (values.json) console.log(JSON.stringify({ Profile: name, File: profileFile }))
  else console.log(`Wrote the profile “${name}” to ${profileFile}. Try it: freshet quota`)
  return 0
}

/** Without a terminal there is nobody to ask, and the standard input is the secret's. */
function ask(question: string, option: string): Promise<string> {
  if (!process.stdin.isTTY) throw new Misuse(`--${option} is missing.`)
  return readTerminal(question, process.stderr)
}

async function readSecret(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim()
  process.stderr.write('Access key secret (not shown): ')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const secret = await readTerminal('', nowhere)
  process.stderr.write('\n')
  return secret
}

async function readTerminal(question: string, output: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  const stop = new AbortController()
  terminal.once('SIGINT', () => process.exit(130))
  terminal.once('close', () => stop.abort(new Misuse('Nothing was given, so nothing was written.')))
  try {
    return (await terminal.question(question, { signal: stop.signal })).trim()
  } finally {
    terminal.close()
  }
}
