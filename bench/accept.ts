import pg from 'pg'
import { dayOfTask } from '#lib/core/task.ts'
import { CopyIn } from './stand/copy-in.ts'
import { judge, median, tell } from './stand/numbers.ts'
import { addCache, addDomain, purge, type Stand, withStand } from './stand/stand.ts'

// 10,000 URLs parsed, permitted and committed by the operation behind the Purge page, in turns with
// a bare COPY of the same rows into the same partition of `line`, which has the same index.

const rounds = 30
const warmUps = 5
const lines = 10_000
const domain = 'accept.test'
const targets = { p50Ms: 250, ratio: 4 }

await withStand(async (stand) => {
  await addDomain(stand, domain, [await addCache(stand, 'edge', 'edge', 'http://127.0.0.1:9')])
  const client = new pg.Client({ connectionString: stand.databaseUrl })
  await client.connect()
  const acceptedMs: number[] = []
  const copiedMs: number[] = []
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const urls = Array.from({ length: lines }, (_, line) => urlOf(round, line))
    acceptedMs.push(await timeMs(() => purge(stand, urls)))
    copiedMs.push(await copy(client, stand, round, urls))
  }
  await client.end()
  const accepted = acceptedMs.slice(warmUps)
  const copied = copiedMs.slice(warmUps)
  tell('accepted', accepted)
  tell('copied', copied)
  judge('accepted, p50, ms', median(accepted), { atMost: targets.p50Ms })
  judge('accepted / copied', median(accepted) / median(copied), { atMost: targets.ratio })
})

function urlOf(round: number, line: number): string {
  return `https://${domain}/shop/category-${line % 40}/product-${round}-${line}.html?size=large`
}

/** Copies the rows that a submission makes, under the number of a task that there is not. */
async function copy(client: pg.Client, { caller }: Stand, round: number, urls: string[]): Promise<number> {
  const taskId = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}${99_000_000 + round}`
  const rows = urls.map(
    (url, at) => `${[dayOfTask(taskId), taskId, at, caller.accountId, url, 0].join('\t')}\n`,
  )
  const bytes = Buffer.from(rows.join(''))
  const statement = `copy line_${taskId.slice(0, 8)} (day, task_id, ordinal, account_id, text, kind) from stdin`
  return timeMs(() => client.query(new CopyIn(statement, bytes)).ended)
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
