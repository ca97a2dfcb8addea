import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe } from 'vitest'
import { startVarnish, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { startTestOrigin } from '#lib/fleet/test-origin.ts'
import { type ContractCache, driverContract } from './driver-contract.ts'
import { varnish } from './varnish.ts'

const secret = 'only-for-tests'

describe.skipIf(!varnishAvailable())('Varnish', () => {
  driverContract('Varnish', startStand)
})

async function startStand(): Promise<ContractCache> {
  const origin = await startTestOrigin()
  const cache = await startVarnish({ origin: origin.url, secret })
  return {
    kind: varnish,
    address: cache.address,
    secret,
    origin,
    get: (host, path, headers) => get(cache.site, host, path, headers),
    stop: async () => {
      await cache.stop()
      await origin.stop()
    },
  }
}

function get(site: string, host: string, path: string, headers?: Record<string, string>) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    request(site, { path, headers: { ...headers, host } }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, body: await text(answer) })
    })
      .on('error', reject)
      .end()
  })
}
