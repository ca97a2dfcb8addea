import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { type EdgeOptions, startEdge } from '#lib/edge/server.ts'
import { startTestOrigin } from '#lib/fleet/test-origin.ts'
import { type ContractCache, contractDomains } from './contract-stand.ts'
import { driverContract } from './driver-contract.ts'
import { edge } from './edge.ts'

const secret = 'only-for-tests'

driverContract('edge', () => startStand())

async function startStand(options: Partial<EdgeOptions> = {}): Promise<ContractCache> {
  const origin = await startTestOrigin()
  const origins = Object.fromEntries(contractDomains.map((domain) => [domain, origin.url]))
  const running = await startEdge({
    name: 'test',
    secret,
    version: '0.0.0',
    port: 0,
    controlPort: 0,
    origins,
    ...options,
  })
  return {
    kind: edge,
    address: running.control,
    secret,
    origin,
    get: (from, path, headers) => ask(running.site, { path, headers: { ...headers, host: from } }),
    stop: async () => {
      await running.close()
      await origin.stop()
    },
  }
}

async function ask(site: string, options: Parameters<typeof request>[1]) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(site, options, resolve).on('error', reject).end()
  })
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }
}
