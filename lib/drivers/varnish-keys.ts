import type { Command, CommandKind, Mode } from '#lib/core/command.ts'

/** One PURGE request: its lines of keys, and the places in the batch of the commands they belong to. */
export type KeyRequest = {
  domain: string
  mode: Mode
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

/**
 * Packs a batch into as few PURGE requests as its domains and modes allow: each request has one of both.
 *
 * @returns the requests, and by place in the batch the targets that varnish.vcl has no name for
 */
export function packKeys(commands: readonly Command[]) {
  const requests: KeyRequest[] = []
  const refused = new Map<number, number[]>()
  const latest = new Map<string, KeyRequest>()
  for (const [index, command] of commands.entries()) {
    const named = nameTargets(command)
    if (named.refused.length > 0) refused.set(index, named.refused)
    const group = `${command.mode} ${command.domain}`
    for (const key of named.keys) {
      let request = latest.get(group)
      if (!request || !add(request, key)) {
        request = { domain: command.domain, mode: command.mode, lines: [key], keys: 1, commands: new Set() }
        requests.push(request)
        latest.set(group, request)
      }
      request.commands.add(index)
    }
  }
  return { requests, refused }
}

function add(request: KeyRequest, key: string): boolean {
  const last = request.lines.length - 1
  const line = `${request.lines[last]} ${key}`
  if (line.length <= maxLineLength) request.lines[last] = line
  else if (request.lines.length < linesPerRequest) request.lines.push(key)
  else return false
  request.keys += 1
  return true
}

function nameTargets(command: Command): { keys: string[]; refused: number[] } {
  const keys: string[] = []
  const refused: number[] = []
  const targets = command.kind === 'everything' ? ['/'] : command.targets
  for (const [index, target] of targets.entries()) {
    const key = nameOf[command.kind](command.domain, target)
    // A blank ends a key, so a target with one would purge something else.
    if (key !== undefined && key.length <= maxLineLength && /^[\x21-\x7e]+$/.test(key)) keys.push(key)
    else refused.push(index)
  }
  return { keys, refused }
}

/** How varnish.vcl names what each kind of command purges; undefined where it has no name. */
const nameOf: Record<CommandKind, (domain: string, target: string) => string | undefined> = {
  url: (domain, target) => nameUrl('u', domain, target),
  'ignore-parameters': (domain, target) => nameUrl('q', domain, target.replace(/\?.*/, '')),
  directory: nameDirectory,
  everything: nameDirectory,
  tag: (domain, target) => (target.includes(',') ? undefined : `t~${domain}/${target}`),
  regex: () => undefined,
}

function nameUrl(family: string, domain: string, target: string): string | undefined {
  return target.startsWith('/') ? `${family}~${domain}${replaceCommas(target)}` : undefined
}

function nameDirectory(domain: string, target: string): string | undefined {
  const levels = target.split('/').length - 1
  if (levels > maxDirectories || target.length > maxDirectoryLength) return undefined
  // Anything but a whole directory would name the one above it.
  if (!/^\/([^?]*\/)?$/.test(target)) return undefined
  return `d~${[...(domain + replaceCommas(target.slice(0, -1)))].reverse().join('')}`
}

/** The xkey module takes a comma for the end of a key; `<` stands in, for no URL has one. */
function replaceCommas(text: string): string {
  return text.replaceAll(',', '<')
}
