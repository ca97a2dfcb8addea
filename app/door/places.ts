import type { ServerResponse } from 'node:http'

const maxRestMs = 1_000

/** Places for requests that are answered at the same time; who finds none waits in line. */
export class Places {
  #free: number
  readonly #each: number
  readonly #rest: number
  readonly #taken = new Map<string, number>()
  readonly #line: { who: string; enter: () => void }[] = []

  /**
   * @param each how many places one client may have at once; others pass who waits for that alone
   * @param rest how long a place stays empty after a request, as a share of the time it was taken
   */
  constructor(count: number, { each = count, rest = 0 }: { each?: number; rest?: number } = {}) {
    this.#free = count
    this.#each = each
    this.#rest = rest
  }

  /** Waits for a place, and has it until the response is over. @param who the client's address */
  async take(response: ServerResponse, who: string): Promise<void> {
    await new Promise<void>((enter) => {
      this.#line.push({ who, enter })
      this.#fill()
    })
    const taken = performance.now()
    const leave = () => {
      const restMs = Math.min((performance.now() - taken) * this.#rest, maxRestMs)
      setTimeout(() => this.#leave(who), restMs)
    }
    if (response.closed) leave()
    else response.once('close', leave)
  }

  #of = (who: string) => this.#taken.get(who) ?? 0

  #fill() {
    const at = this.#free > 0 ? this.#line.findIndex(({ who }) => this.#of(who) < this.#each) : -1
    const [next] = at < 0 ? [] : this.#line.splice(at, 1)
    if (!next) return
    this.#free -= 1
    this.#taken.set(next.who, this.#of(next.who) + 1)
    next.enter()
  }

  #leave(who: string) {
    this.#free += 1
    if (this.#of(who) > 1) this.#taken.set(who, this.#of(who) - 1)
    else this.#taken.delete(who)
    this.#fill()
  }
}
