import { versions } from './call.ts'
import { gatherLines, type Line, numbered, splitLines, textsOf } from './lines.ts'
import { Misuse, readOptions } from './options.ts'
import { connectionOf } from './profile.ts'
import { submit } from './submit.ts'

/** The ways to purge lines: what the API calls them, and how many it takes in a call. */
const methods = {
  directory: { type: 'Directory', most: 100 },
  regex: { type: 'Regex', most: 100 },
  'ignore-params': { type: 'IgnoreParams', most: 1_000 },
} as const
const exactly = { type: 'File', most: 1_000 } as const

type Given = ReturnType<typeof readOptions<'purge'>>['values']

/** `freshet purge`. */
export async function purge(args: string[]): Promise<number> {
  const { values, positionals } = readOptions('purge', args)
  const connection = connectionOf(values)
  if (values.tag) return submit(connection, values, () => [tagLines(values, positionals)], tagCall(values))
  if (values.domain) throw new Misuse('--domain goes with --tag; lines name their domains themselves.')
  const { type, most } = methodOf(values)
  const parts = async () => splitLines(await gatherLines(positionals, values.file), most)
  return submit(connection, values, parts, (part) => ({
    action: 'RefreshDcdnObjectCaches',
    version: versions.vendor,
    idsIn: 'RefreshTaskId',
    parameters: { ObjectPath: textsOf(part).join('\n'), ObjectType: type, ...common(values) },
  }))
}

/** One way for all lines of a command, so that nobody purges a directory that was meant as a URL. */
function methodOf(values: Given) {
  const chosen = (Object.keys(methods) as (keyof typeof methods)[]).filter((name) => values[name])
  if (chosen.length > 1)
    throw new Misuse(`--${chosen.join(' and --')} exclude each other: give each its own command.`)
  return chosen[0] ? methods[chosen[0]] : exactly
}

function tagLines(values: Given, positionals: string[]): Line[] {
  if (!values.domain) throw new Misuse('--tag needs --domain: tags are those of a domain.')
  const other = Object.keys(methods).find((name) => values[name as keyof typeof methods])
  if (other || values.file || positionals.length > 0)
    throw new Misuse('--tag takes no lines: give URLs a command of their own.')
  return numbered(values.tag ?? [])
}

const tagCall = (values: Given) => (tags: Line[]) => ({
  action: 'RefreshDcdnObjectCacheByCacheTag',
  version: versions.vendor,
  idsIn: 'RefreshTaskId' as const,
  parameters: {
    DomainName: values.domain,
    CacheTag: textsOf(tags).join(','),
    ...common(values),
  },
})

/** Without a mode the console takes the one that is usual for the method. */
function common({ soft, hard, note }: Given) {
  if (soft && hard) throw new Misuse('--soft and --hard exclude each other.')
  return { Mode: soft ? 'soft' : hard ? 'hard' : undefined, Note: note }
}
