import { z } from 'zod'
import { commandKinds } from './command.ts'
import { commandSchema } from './command-schema.ts'

/** What a worker may be asked about a cache: whether it works, what it holds, or what a sitemap lists. */
export const questionSchema = z.union([
  z.strictObject({ is: z.literal('probe') }),
  z.strictObject({
    is: z.literal('holdings'),
    domain: z.string(),
    kind: z.enum(commandKinds),
    targets: z.array(z.string()),
    query: commandSchema.shape.query,
  }),
  z.strictObject({
    is: z.literal('sitemap'),
    domain: z.string(),
    target: z.string(),
    /** Only what changed on this day or later, `yyyy-mm-dd`; null is all. */
    since: z.string().nullable(),
  }),
])
export type Question = z.infer<typeof questionSchema>

/**
 * What a cache holds of what a purge would cover: how much, up to 20 of the URLs, and how long the
 * freshest stays fresh. Where the search was given up it is not `complete`, and there is at least as much.
 */
export type Holdings = {
  objects: number
  bytes: number
  targets: string[]
  freshSeconds: number
  complete: boolean
}
