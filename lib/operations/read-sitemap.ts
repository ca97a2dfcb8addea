import { z } from 'zod'
import { domainResource } from '#lib/core/resource-name.ts'
import { readCaches } from '#lib/store/caches.ts'
import { readDomains } from '#lib/store/domains.ts'
import { askCaches } from './ask-caches.ts'
import { operation } from './operation.ts'
import { resourcesOf } from './submit.ts'

/** What a sitemap lists, or why it cannot be read: in what way, and the detail. */
export type SitemapAnswer = {
  urls: string[]
  found: number
  problem: 'address' | 'answer' | 'format' | 'silent' | null
  detail: string
}

const lookMs = 250
const mostLooks = 100

/** Reads the URLs of a sitemap of one of the account's domains, through a cache of that domain. */
export const readSitemap = operation({
  action: 'freshet:ReadSitemap',
  input: z.object({ url: z.string().trim().max(1024), since: z.iso.date().nullable() }),
  resources: ({ url }, caller) => {
    const named = resourcesOf(url, caller)
    return named.length > 0 ? named : [domainResource(caller.accountId, '*')]
  },
  async run({ accountId }, { url, since }): Promise<SitemapAnswer> {
    const nothing = { urls: [], found: 0 }
    const place = URL.canParse(url) ? new URL(url) : undefined
    const domain = (await readDomains(accountId)).find((one) => one.name === place?.hostname)
    const caches = (await readCaches(accountId)).filter((cache) => domain?.caches.includes(cache.id))
    const cache = caches.find(({ status }) => status === 'up') ?? caches[0]
    if (!place || !domain || !cache) return { ...nothing, problem: 'address', detail: url }
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
