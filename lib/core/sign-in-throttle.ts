/** How many wrong tries within the window are answered at once. */
const freeTries = 5
const windowMs = 15 * 60_000
const firstDelayMs = 30_000
const longestDelayMs = 15 * 60_000
/** How many wrong tries of one network, with any names, are answered within the window. */
const mostOfNetwork = 50

/** Wrong tries to sign in with one name from one network, or with any from it; moments in ms, on one clock. */
export type Tries = {
  wrongAtMs: readonly number[]
  /** How many delays there were since the last success. */
  delays: number
  blockedUntilMs: number
}

export const noTries: Tries = { wrongAtMs: [], delays: 0, blockedUntilMs: Number.NEGATIVE_INFINITY }

/** When it is as if nobody had tried: a window after the last wrong try, or after the delay that followed it. */
export function forgottenAtMs({ wrongAtMs, blockedUntilMs }: Tries): number {
  return Math.max(wrongAtMs.at(-1) ?? Number.NEGATIVE_INFINITY, blockedUntilMs) + windowMs
}

/** The same with one more wrong try; from the fifth on each is followed by a delay twice as long as the last. */
export function addWrong(before: Tries, nowMs: number): Tries {
  const { wrongAtMs, delays } = forgottenAtMs(before) > nowMs ? before : noTries
  const recent = [...wrongAtMs.filter((at) => at > nowMs - windowMs), nowMs].slice(-freeTries)
  if (delays === 0 && recent.length < freeTries)
    return { wrongAtMs: recent, delays, blockedUntilMs: noTries.blockedUntilMs }
  const delayMs = Math.min(firstDelayMs * 2 ** delays, longestDelayMs)
  return { wrongAtMs: recent, delays: delays + 1, blockedUntilMs: nowMs + delayMs }
}

/** The same for all of a network: the next try waits until fewer than 50 wrong ones are in the window. */
export function addWrongOfNetwork({ wrongAtMs }: Tries, nowMs: number): Tries {
  const recent = [...wrongAtMs.filter((at) => at > nowMs - windowMs), nowMs]
  const oldest = recent.at(-mostOfNetwork) ?? Number.NEGATIVE_INFINITY
  return { wrongAtMs: recent, delays: 0, blockedUntilMs: oldest + windowMs }
}

/** Seconds until the next try, rounded up; 0 when it may be made now. */
export function secondsToWait({ blockedUntilMs }: Tries, nowMs: number): number {
  return Math.max(0, Math.ceil((blockedUntilMs - nowMs) / 1000))
}

/** What counts as one address: an IPv6 client has a network of 64 bits to itself, and may use any of it. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const groups = head.split(':').filter(Boolean)
  const last = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - last.length)
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...last]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
