import type { Command, CommandKind, Mode } from '#lib/core/command.ts'
import { parsePattern } from '#lib/core/pattern.ts'
import { normalisePattern, normaliseTarget } from '#lib/core/spelling.ts'
import { expressionBelow, expressionOf } from './varnish-pattern.ts'

/** How varnish.vcl purges what a key names: hard or soft by its names, or with a ban by an expression. */
type Way = Mode | 'ban'

type Key = { way: Way; text: string }

/** One PURGE request: its lines of keys, and the places in the batch of the commands they belong to. */
export type KeyRequest = {
  domain: string
  way: Way
  lines: string[]
  keys: number
  commands: Set<number>
}

// Varnish's defaults are 8 KB for a header line (http_req_hdr_len) and 32 KB for a request
// (http_req_size); four lines leave room for the rest.
const maxLineLength = 7_900
const linesPerRequest = 4

// What the recipe tags: this many directories, within this many characters of a URL.
const maxDirectories = 16
const maxDirectoryLength = 1_024
// What of a URL it spells anew.
const longestSpelled = 1_024

/**
 * Packs a batch into as few PURGE requests as its domains and ways allow: each request has one of both.
 * A key that several commands share is sent once.
 *
 * @returns the requests, and by place in the batch the targets that varnish.vcl cannot purge
 */
export function packKeys(commands: readonly Command[]) {
  const requests: KeyRequest[] = []
  const refused = new Map<number, number[]>()
  const latest = new Map<string, KeyRequest>()
  const packed = new Map<string, KeyRequest>()
  const pack = ({ way, text }: Key, domain: string): KeyRequest => {
    const open = latest.get(`${way} ${domain}`)
    if (open && add(open, text)) return open
    const request = { domain, way, lines: [text], keys: 1, commands: new Set<number>() }
    requests.push(request)
    latest.set(`${way} ${domain}`, request)
    return request
  }
  for (const [index, command] of commands.entries()) {
    const named = nameTargets(command)
    if (named.refused.length > 0) refused.set(index, named.refused)
    for (const key of named.keys) {
      const name = `${key.way} ${key.text}`
      const request = packed.get(name) ?? pack(key, command.domain)
      packed.set(name, request)
      request.commands.add(index)
    }
  }
  return { requests, refused }
}

/** Adds a key to a request that has room for it. A ban has a line of its own. */
function add(request: KeyRequest, key: string): boolean {
  const last = request.lines.length - 1
  const line = `${request.lines[last]} ${key}`
  if (request.way !== 'ban' && line.length <= maxLineLength) request.lines[last] = line
  else if (request.lines.length < linesPerRequest) request.lines.push(key)
  else return false
  request.keys += 1
  return true
}

function nameTargets(command: Command): { keys: Key[]; refused: number[] } {
  const keys: Key[] = []
  const refused: number[] = []
  const targets = command.kind === 'everything' ? ['/'] : command.targets
  for (const [index, target] of targets.entries()) {
    const own = keysOf(command, target)
    if (own.length > 0 && own.every(({ text }) => text.length <= maxLineLength)) keys.push(...own)
    else refused.push(index)
  }
  return { keys, refused }
}

/** @returns nothing for what cannot be purged */
function keysOf({ domain, kind, mode }: Command, target: string): Key[] {
  // A blank ends a key, so a target with one would purge something else.
  if (!/^[\x21-\x7e]+$/.test(domain + target)) return []
  const name = nameOf[kind](domain, target)
  if (name !== undefined) return [{ way: mode, text: name }]
  // A ban looks at a URL as its visitor spelled it: most likely as it is written here, or as browsers do.
  const usual = kind === 'regex' ? normalisePattern(target) : normaliseTarget(target)
  const expressions = [...new Set([target, usual])].map((spelled) => banOf(kind, domain, spelled))
  return expressions.flatMap((text) => (text === undefined ? [] : [{ way: 'ban' as const, text }]))
}

/** How varnish.vcl names what each kind of command purges; undefined where it has no name. */
const nameOf: Record<CommandKind, (domain: string, target: string) => string | undefined> = {
  url: (domain, target) => nameUrl('e', domain, target.length > longestSpelled ? target : spell(target)),
  'ignore-parameters': (domain, target) => nameUrl('q', domain, spell(target).replace(/\?.*/, '')),
  directory: nameDirectory,
  everything: nameDirectory,
  tag: (domain, target) => (target.includes(',') ? undefined : `t~${domain}/${target.toLowerCase()}`),
  regex: () => undefined,
}

function nameUrl(family: string, domain: string, target: string): string | undefined {
  return target.startsWith('/') ? `${family}~${domain}${replaceCommas(target)}` : undefined
}

function nameDirectory(domain: string, target: string): string | undefined {
  if (!isDirectory(target) || isDeep(target)) return undefined
  return `d~${[...(domain + replaceCommas(spell(target).slice(0, -1)))].reverse().join('')}`
}

/** The expression for what has no name: a pattern, and a directory below the last one that is named. */
function banOf(kind: CommandKind, domain: string, target: string): string | undefined {
  if (kind === 'directory')
    return isDirectory(target) && isDeep(target) ? expressionBelow(domain, target) : undefined
  if (kind !== 'regex') return undefined
  const pattern = parsePattern(target)
  return 'rule' in pattern ? undefined : expressionOf(domain, pattern)
}

/** Anything but a whole directory would name the one above it. */
function isDirectory(target: string): boolean {
  return target.length <= maxDirectoryLength && /^\/([^?]*\/)?$/.test(target)
}

function isDeep(directory: string): boolean {
  return directory.split('/').length - 1 > maxDirectories
}

// The escapes of what separates nothing, and of no blank: all but RFC 3986's reserved characters, `%` and controls.
const undone = /%(?:2[27DEde]|3[0-9CEce]|4[1-9A-Fa-f]|7[0-9A-Ea-e]|[5689A-Fa-f][0-9A-Fa-f])/g

/** A URL as the recipe spells it in names, where the spellings that mean one thing are one; a byte is a character. */
function spell(target: string): string {
  const head = target.slice(0, longestSpelled)
  return (
    head
      .replace(/%[0-37][a-f]/g, (escape) => escape.toUpperCase())
      .replace(undone, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16))) +
    target.slice(longestSpelled)
  )
}

/** The xkey module takes a comma for the end of a key; `<` stands in, for no URL has one. */
function replaceCommas(text: string): string {
  return text.replaceAll(',', '<')
}
