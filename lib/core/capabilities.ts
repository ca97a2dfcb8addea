/** What a kind of cache can do, as far as rules depend on it. */
export type Capabilities = {
  /** Never stores what was fetched before a purge ended, so an echo needs no waiting. */
  raceSafe: boolean
  /** The longest that a fetch begun before a purge may take until its body is stored, ms. */
  inFlightMs: number
}

export const cacheKinds = ['edge', 'varnish'] as const
export type CacheKind = (typeof cacheKinds)[number]

/** Each kind of cache and what it can do with our recipe. */
export const capabilities: Record<CacheKind, Capabilities> = {
  // Entries are stamped with the start of their fetch, and a purge is compared with that stamp.
  edge: { raceSafe: true, inFlightMs: 0 },
  // varnish.vcl does not keep what was fetched before the last purge of its host; what is left is
  // the moment between that check and the insertion of the object.
  varnish: { raceSafe: false, inFlightMs: 1000 },
}
