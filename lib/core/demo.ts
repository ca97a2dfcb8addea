import { z } from 'zod'
import { cacheKinds } from './capabilities.ts'

/** The demo fleet as the launcher runs it: one domain, its origin, and built-in edges. */
export const demoSchema = z.object({
  domain: z.string(),
  origin: z.string(),
  /** Where a browser opens the demo's site: through a POP. */
  site: z.string(),
  caches: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(cacheKinds),
      address: z.string(),
      tier: z.enum(['edge', 'shield']),
      pop: z.string(),
      secret: z.string(),
    }),
  ),
})
export type Demo = z.infer<typeof demoSchema>
