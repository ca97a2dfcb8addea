import type { PrefetchEntry } from '#lib/log/log.ts'
import type { Note } from '#lib/store/lanes.ts'
import type { FetchCause } from './judge-fetch.ts'
import type { Lane } from './lane.ts'

/** One URL of a command at one cache, and the request that it is at. */
export type Fetching = {
  work: Work
  place: number
  /** Which of the command's header sets is next. */
  variant: number
  /** How often this request was tried, and how many redirects it has followed. */
  tries: number
  hops: number
  /** Where redirects have led to. */
  domain: string
  target: string
  /** Not to be tried earlier, monotonic ms. */
  notBefore: number
  /** Everything in the log up to here was known when it began. */
  knownSeq: number
  state: 'waiting' | 'queued' | 'running' | 'over'
}

/** What came of a URL that is not there as asked. */
export type Shortfall = { is: 'failed' | 'degraded'; cause: FetchCause; detail: string }

/** One command at one cache. */
export class Work {
  readonly lane: Lane<PrefetchEntry>
  readonly entry: PrefetchEntry
  readonly fetchings: Fetching[]
  /** By place: why it is not there, or not as asked. */
  readonly shortfalls = new Map<number, Shortfall>()
  /** Whether everything before it is done, so that it may begin. */
  isOpen = false

  constructor(lane: Lane<PrefetchEntry>, entry: PrefetchEntry) {
    this.lane = lane
    this.entry = entry
    this.fetchings = entry.targets.map((target, place) => ({
      work: this,
      place,
      variant: 0,
      tries: 0,
      hops: 0,
      domain: entry.domain,
      target,
      notBefore: 0,
      knownSeq: 0,
      state: 'waiting',
    }))
  }

  get isOver(): boolean {
    return this.fetchings.every(({ state }) => state === 'over')
  }

  /** Ends a URL, with what is missing of it if anything is. */
  end(fetching: Fetching, shortfall?: Shortfall): void {
    fetching.state = 'over'
    if (shortfall) this.shortfalls.set(fetching.place, shortfall)
  }

  /** What Records says of this command at this cache: a note for each answer. */
  notes(): Note[] {
    const { cacheId, class: laneClass, domainId } = this.lane.state
    const { seq, accountId, taskId, targets } = this.entry
    const groups = Map.groupBy(this.shortfalls, ([, { is, cause, detail }]) => `${is} ${cause} ${detail}`)
    return [...groups.values()].map((group) => {
      const [[, shortfall]] = group as [[number, Shortfall]]
      const places = group.map(([place]) => place)
      return {
        cacheId,
        class: laneClass,
        domainId,
        seq,
        accountId,
        taskId,
        state: shortfall.is,
        cause: shortfall.cause,
        detail: shortfall.detail,
        targets: places.length === targets.length ? [] : places,
      }
    })
  }
}
