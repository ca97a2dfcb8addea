import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from '#lib/core/command.ts'
import type { ContractCache, ContractPage } from './contract-stand.ts'

export type RaceOptions = {
  rounds: number
  domainOf: (round: number) => string
  /** Default: `url`. */
  kind?: 'url' | 'regex'
  /** How long after the purge its echo follows; undefined leaves the echo out. */
  echoAfterMs?: number
}

// Fetches that end before an echo one second later, and fetches that outlast it.
const slowPages: Omit<ContractPage, 'body'>[] = [
  { delayBeforeHeadersMs: 300 },
  { delayInBodyMs: 300 },
  { delayBeforeHeadersMs: 1_500 },
  { delayInBodyMs: 1_500 },
]

/**
 * Runs the race of every cache: a fetch begins, its content changes, a purge arrives, the fetch ends.
 *
 * All rounds run at once, for the delays are real; the purges are spread over the whole of the fetch.
 *
 * @returns the rounds in which a visitor got the old body after the purge was confirmed
 */
export async function raceRounds(cache: ContractCache, options: RaceOptions): Promise<number[]> {
  const driver = cache.kind.open(cache)
  const purge = async (command: Command) => {
    const [outcome] = await driver.deliver([command], AbortSignal.timeout(10_000))
    if (outcome?.kind !== 'done') throw new Error(`a purge was not taken: ${JSON.stringify(outcome)}`)
  }
  const rounds = Array.from({ length: options.rounds }, (_, round) => race(cache, purge, round, options))
  const lost = await Promise.all(rounds)
  await driver.close()
  return [...lost.keys()].filter((round) => lost[round])
}

async function race(
  { origin, get }: ContractCache,
  purge: (command: Command) => Promise<void>,
  round: number,
  { domainOf, kind = 'url', echoAfterMs }: RaceOptions,
): Promise<boolean> {
  const path = `/race/${round}`
  const domain = domainOf(round)
  const visit = async () => (await get(domain, path)).body
  const command: Command = { seq: round + 1, domain, kind, mode: 'hard', targets: [path] }
  const slow = slowPages[round % slowPages.length] ?? {}
  const fetchMs = (slow.delayBeforeHeadersMs ?? 0) + (slow.delayInBodyMs ?? 0)

  origin.set(path, { ...slow, body: 'old' })
  const early = visit()
  while (!origin.requests.some((asked) => asked.path === path)) await delay(2)
  await delay((((round * 7) % 20) / 20) * fetchMs)
  origin.set(path, { body: 'new' })
  await purge(command)
  const between = visit()
  if (echoAfterMs !== undefined) {
    await delay(echoAfterMs)
    await purge(command)
  }
  const after = [await visit()]
  await Promise.all([early, between])
  after.push(await visit())
  return after.includes('old')
}
