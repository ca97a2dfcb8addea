import { z } from 'zod'
import { rewritePath } from './domain-rules.ts'
import { parseHeaderSets } from './header-sets.ts'
import type { RuleCode } from './rules.ts'

const rule = (code: RuleCode) => code
const parameter = z.string().regex(/^[\x21-\x7e]{1,100}$/, rule('domain-query'))
const path = z.string().regex(rewritePath, rule('domain-rewrites'))
const whole = (code: RuleCode, least: number, most: number) => z.int(code).min(least, code).max(most, code)

/** What a domain says of its cache keys, of its origin and of prefetches; all of it has a default. */
export const domainSettingsSchema = z
  .strictObject({
    query: z
      .union([
        z.strictObject({ is: z.literal('all') }),
        z.strictObject({ is: z.literal('none') }),
        z.strictObject({
          is: z.enum(['only', 'without']),
          names: z.array(parameter).min(1, rule('domain-query')).max(100, rule('domain-query')),
        }),
      ])
      .default({ is: 'all' }),
    rewrites: z
      .array(z.strictObject({ from: path, to: path }))
      .max(100, rule('domain-rewrites'))
      .default([]),
    schemeInKey: z.boolean().default(false),
    /** How long copies stay fresh, where that is known. */
    ttlSeconds: whole('domain-ttl', 0, 31_536_000).nullable().default(null),
    /** Whether edges are filled too, after the shields; without a shield they are anyway. */
    prefetchEdges: z.boolean().default(true),
    /** Whether a prefetch follows 301 and 302. */
    followRedirects: z.boolean().default(false),
    /** Whether Cookie and Authorization may be sent in a prefetch. */
    allowCredentials: z.boolean().default(false),
    /** Own fields of a prefetch as they were written; empty is the default set. */
    headers: z.string().max(10_000, rule('domain-headers')).default(''),
    /** The longest body that a prefetch takes. */
    maxPrefetchBytes: whole('domain-bytes', 1, Number.MAX_SAFE_INTEGER).default(10 * 1024 ** 3),
    /** What the origin may be asked by prefetches of all caches together. */
    originPerSecond: whole('domain-per-second', 1, 100_000).default(100),
    originAtOnce: whole('domain-at-once', 1, 1_000).default(16),
    originBytesPerSecond: whole('domain-bytes', 1, Number.MAX_SAFE_INTEGER).default(125_000_000),
  })
  .refine(({ headers, allowCredentials }) => !('rule' in parseHeaderSets(headers, allowCredentials)), {
    path: ['headers'],
    message: rule('domain-headers'),
  })

export type DomainSettings = z.infer<typeof domainSettingsSchema>

/** The settings of a domain that sets none. */
export const defaultDomainSettings: DomainSettings = domainSettingsSchema.parse({})

/** What of a domain's settings differs from the default, which is all that is stored. */
export function ownSettings(settings: DomainSettings): Partial<DomainSettings> {
  const standard: Record<string, unknown> = defaultDomainSettings
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(standard[name]),
    ),
  )
}
