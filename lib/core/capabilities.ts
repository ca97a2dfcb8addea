import type { CommandKind, Mode } from './command.ts'

/** What a kind of cache can do, as far as rules depend on it. */
export type Capabilities = {
  /** Never stores what was fetched before a purge ended, so an echo needs no waiting. */
  raceSafe: boolean
  /** The longest that a fetch begun before a purge may take until its body is stored, ms. */
  inFlightMs: number
  /** Kinds of purge that it can only do hard. */
  onlyHard: readonly CommandKind[]
  /** Directories with more levels than this it can only purge hard; `/` has one. */
  deepestSoftDirectory: number
  /** Whether it tells what it holds of what a purge would cover. */
  tellsHoldings: boolean
}

export const cacheKinds = ['edge', 'varnish'] as const
export type CacheKind = (typeof cacheKinds)[number]

/** Where a cache stands, as the vendor's API tells areas apart: in the mainland of China, or elsewhere. */
export const regions = ['domestic', 'overseas'] as const
export type Region = (typeof regions)[number]

/** Each kind of cache and what it can do with our recipe. */
export const capabilities: Record<CacheKind, Capabilities> = {
  // Entries are stamped with the start of their fetch, and a purge is compared with that stamp.
  edge: {
    raceSafe: true,
    inFlightMs: 0,
    onlyHard: [],
    deepestSoftDirectory: Number.POSITIVE_INFINITY,
    tellsHoldings: true,
  },
  // varnish.vcl does not keep what was fetched before the last purge of its host; what is left is
  // the moment between that check and the insertion of the object. A regex is a ban, and bans are
  // hard; directories are tags, and an object has 16 of them.
  varnish: {
    raceSafe: false,
    inFlightMs: 1000,
    onlyHard: ['regex'],
    deepestSoftDirectory: 16,
    tellsHoldings: false,
  },
}

/** How a cache carries a purge out: hard though soft was asked where it knows no other way. */
export function modeAt(cacheKind: CacheKind, kind: CommandKind, mode: Mode, target: string): Mode {
  const { onlyHard, deepestSoftDirectory } = capabilities[cacheKind]
  if (onlyHard.includes(kind)) return 'hard'
  if (kind === 'directory' && levelsOf(target) > deepestSoftDirectory) return 'hard'
  return mode
}

/** How many slashes a directory has: 1 for `/`, 3 for `/a/b/`. */
function levelsOf(directory: string): number {
  return directory.split('/').length - 1
}
