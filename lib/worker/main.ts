import { drivers } from '#lib/drivers/registry.ts'
import { postgresLog } from '#lib/log/postgres-log.ts'
import { closeStore } from '#lib/store/client.ts'
import { Worker } from './worker.ts'

const worker = new Worker(postgresLog, drivers)

async function stop(): Promise<void> {
  await worker.stop()
  await closeStore()
  process.exit(0)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
await worker.start()
console.log('worker ready')
