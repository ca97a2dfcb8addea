/** Where the edge reads the time; tests bring their own. */
export type Clock = {
  /** Milliseconds since 1970, as other machines count them. */
  wallMs(): number
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number
}

/** The clock of this machine. */
export const systemClock: Clock = {
  wallMs: () => performance.timeOrigin + performance.now(),
  monotonicMs: () => performance.now(),
}
