import { type RunningCache, readVarnishRecipe, startVarnish } from '#lib/fleet/real-caches.ts'
import { judge, median } from './stand/numbers.ts'
import { startOrigin } from './stand/origin.ts'
import type { Child } from './stand/processes.ts'
import { curlEach, storeAll, wrkEach } from './stand/rivals.ts'
import {
  addCache,
  addDomain,
  ended,
  purge,
  type Stand,
  secret,
  startWorker,
  withStand,
} from './stand/stand.ts'

// 10,000 URLs on two Varnish: submitted to Freshet, in turns with wrk, which sends a raw PURGE for
// each to both, and with `curl --parallel`. In half of the rounds every object is stored before each
// turn, and the next turn begins with proof that none was left.
//
// Freshet's time ends when the worker has read the last answer of both; Varnish answers once the
// objects are gone. It begins with the call, so it includes parsing and the commit.

const rounds = 5
const count = 10_000
const host = 'purge.test'
const targets = { wrk: 1, curl: 2 }

type Times = { fromCall: number[]; fromAcceptance: number[]; wrk: number[]; curl: number[] }

await withStand(async (stand) => {
  const origin = await startOrigin()
  const caches: RunningCache[] = []
  let worker: Child | undefined
  try {
    for (let index = 0; index < 2; index += 1) {
      caches.push(await startVarnish({ origin: origin.url, secret, recipe: withRawPurge() }))
    }
    const ids: number[] = []
    for (const [index, { address }] of caches.entries()) {
      ids.push(await addCache(stand, `varnish ${index}`, 'varnish', address))
    }
    await addDomain(stand, host, ids)
    worker = await startWorker()
    const sites = caches.map(({ site }) => site)
    const store = () => storeAll(origin, host, count, sites)
    report('objects stored', await compare(stand, sites, store))
    report('nothing stored', await compare(stand, sites, async () => {}))
  } finally {
    await worker?.stop()
    await Promise.all(caches.map((cache) => cache.stop()))
    origin.stop()
  }
})

/** Beside our recipe, the plain rule that every Varnish tutorial has: one PURGE removes one URL. */
function withRawPurge(): string {
  return `sub vcl_recv {
  if (req.method == "PURGE" && !req.http.Freshet-Secret) {
    if (client.ip !~ freshet_callers) { return (synth(405)); }
    return (purge);
  }
}
${readVarnishRecipe()}`
}

async function compare(stand: Stand, sites: string[], before: () => Promise<void>): Promise<Times> {
  const times: Times = { fromCall: [], fromAcceptance: [], wrk: [], curl: [] }
  await before()
  await submit(stand)
  for (let round = 0; round < rounds; round += 1) {
    await before()
    const { callMs, acceptanceMs } = await submit(stand)
    times.fromCall.push(callMs / 1000)
    times.fromAcceptance.push(acceptanceMs / 1000)
    await before()
    times.wrk.push(await wrkEach('PURGE', host, count, sites))
    await before()
    times.curl.push(await curlEach(stand.folder, host, count, sites))
  }
  await before()
  return times
}

/** Submits all URLs; resolves when the task is complete, so that its echo disturbs nobody's turn. */
async function submit(stand: Stand): Promise<{ callMs: number; acceptanceMs: number }> {
  const urls = Array.from({ length: count }, (_, at) => `https://${host}/object/${at}`)
  const calledAtMs = Date.now()
  const answer = await purge(stand, urls)
  const acceptedAtMs = Date.now()
  const appliedAtMs = await ended(answer)
  return { callMs: appliedAtMs - calledAtMs, acceptanceMs: appliedAtMs - acceptedAtMs }
}

function report(variant: string, times: Times): void {
  const rate = (seconds: number[]) => count / median(seconds)
  console.log(`${variant}: median of ${rounds} rounds, URLs per second over both`)
  for (const [name, seconds] of Object.entries(times)) {
    const each = seconds.map((one: number) => (one * 1000).toFixed(0)).join(', ')
    console.log(`  ${name}: ${rate(seconds).toFixed(0)} (ms: ${each})`)
  }
  for (const rival of ['wrk', 'curl'] as const) {
    console.log(
      `  from acceptance / ${rival}: ${(rate(times.fromAcceptance) / rate(times[rival])).toFixed(2)}`,
    )
    judge(`from the call / ${rival}`, rate(times.fromCall) / rate(times[rival]), { atLeast: targets[rival] })
  }
}
