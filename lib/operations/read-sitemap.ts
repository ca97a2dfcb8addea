import { z } from 'zod'
import { domainResource } from '#lib/core/resource-name.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { readCaches } from '#lib/store/caches.ts'
import { transaction } from '#lib/store/client.ts'
import { readDomains } from '#lib/store/domains.ts'
import { askCaches } from './ask-caches.ts'
import { operation } from './operation.ts'

/** What a sitemap lists, or why it cannot be read: in what way, and the detail. */
export type SitemapAnswer = {
  urls: string[]
  found: number
  problem: 'address' | 'answer' | 'format' | 'silent' | null
  detail: string
}

const lookMs = 250
const mostLooks = 100

/** The host of an address, where it is one to read: without a name and a password. */
function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, username, password } = new URL(url)
  return /^https?:$/.test(protocol) && username + password === '' ? hostname : undefined
}

/** Reads the URLs of a sitemap of one of the account's domains, through a cache of that domain. */
export const readSitemap = operation({
  action: 'freshet:ReadSitemap',
  input: z.object({ url: z.string().trim().max(1024), since: z.iso.date().nullable() }),
  // The same reading as that of the request itself: what stands before an @ is no host.
  resources: ({ url }, { accountId }) => [domainResource(accountId, hostOf(url) ?? '*')],
  async run(caller, { url, since }): Promise<SitemapAnswer> {
    const { accountId } = caller
    const nothing = { urls: [], found: 0 }
    const place = URL.canParse(url) ? new URL(url) : undefined
    const domain = (await readDomains(accountId)).find((one) => one.name === hostOf(url))
    const caches = (await readCaches(accountId)).filter((cache) => domain?.caches.includes(cache.id))
    const cache = caches.find(({ status }) => status === 'up') ?? caches[0]
    if (!place || !domain || !cache) return { ...nothing, problem: 'address', detail: url }
    // The cache will fetch it, so it is more than to look.
    await transaction((tx) =>
      writeAudit(tx, caller, 'freshet:ReadSitemap', [domainResource(accountId, domain.name)], {
        url,
        cache: cache.name,
      }),
    )
    const question = {
      is: 'sitemap',
      domain: domain.name,
      target: place.pathname + place.search,
      since,
    } as const
    const answers = await askCaches(accountId, [cache.id], question, Array(mostLooks).fill(lookMs))
    const answer = answers.get(cache.id) as Partial<SitemapAnswer> | undefined
    return answer
      ? { ...nothing, problem: null, detail: '', ...answer }
      : { ...nothing, problem: 'silent', detail: '' }
  },
})
