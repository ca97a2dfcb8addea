import type { ServerResponse } from 'node:http'

const maxRestMs = 1_000

/** Places for requests that are answered at the same time; who finds none waits in line. */
export class Places {
  #free: number
  readonly #rest: number
  readonly #line: (() => void)[] = []

  /** @param rest how long a place stays empty after a request, as a share of the time it was taken */
  constructor(count: number, rest: number) {
    this.#free = count
    this.#rest = rest
  }

  /** Waits for a place, and has it until the response is over. */
  async take(response: ServerResponse): Promise<void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#line.push(resolve))
    const taken = performance.now()
    const leave = () => {
      const restMs = Math.min((performance.now() - taken) * this.#rest, maxRestMs)
      setTimeout(() => this.#pass(), restMs)
    }
    if (response.closed) leave()
    else response.once('close', leave)
  }

  #pass() {
    const next = this.#line.shift()
    if (next) next()
    else this.#free += 1
  }
}
