import { furnish, probe, probeNames } from '#lib/operations/isolation-probes.ts'
import { judge } from './stand/numbers.ts'
import { withStand } from './stand/stand.ts'

// A hundred thousand times one of ten accounts asks for what another one has: by number, by name, by
// filter and cursor, in exports and streams. An answer that knows anything of the other is a leak.

const count = 100_000
const atOnce = 8

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T

await withStand(async () => {
  const accounts = await Promise.all(Array.from({ length: 10 }, furnish))
  const startMs = performance.now()
  let [left, leaks] = [count, 0]
  const ask = async () => {
    while (left > 0) {
      left -= 1
      const [of, name] = [pick(accounts), pick(probeNames)]
      const other = pick(accounts.filter((one) => one !== of))
      const answer = await probe(name, of, other)
      if (!answer.leaks) continue
      leaks += 1
      console.log(`${name}: ${answer.answer}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, ask))
  console.log(
    `${count} questions of ${probeNames.length} kinds in ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
  )
  judge('answers with something of another account', leaks, { atMost: 0 })
})
// Who watches tasks makes the process listen for as long as it lives, and look for the database once that is gone.
process.exit()
