import type { Command } from '#lib/core/command.ts'
import { startVarnish, type VarnishOptions } from '#lib/fleet/real-caches.ts'
import { startTestOrigin } from '#lib/fleet/test-origin.ts'
import { askSite, type ContractCache } from './contract-stand.ts'
import { varnish } from './varnish.ts'

/** The secret of every Varnish that a test starts. */
export const secret = 'only-for-tests'

/** The domain of a command that names none. */
export const host = 'www.example.test'

/** A real Varnish with our recipe, or with another, before an origin for tests. */
export async function startStand(options: Partial<VarnishOptions> = {}): Promise<ContractCache> {
  const origin = await startTestOrigin()
  const cache = await startVarnish({ origin: origin.url, secret, ...options })
  return {
    kind: varnish,
    address: cache.address,
    secret,
    origin,
    get: (from, path, headers) => askSite(cache.site, { path, headers: { ...headers, host: from } }),
    stop: async () => {
      await cache.stop()
      await origin.stop()
    },
  }
}

/** A command of one domain, hard and of URLs unless it says otherwise. */
export function commandOf(command: Partial<Command>): Command {
  return { seq: 1, domain: host, kind: 'url', mode: 'hard', targets: [], ...command }
}
