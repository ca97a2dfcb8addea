import { z } from 'zod'
import { type Command, commandKinds, maxTargetsPerCommand, modes } from './command.ts'

// Schemas have files of their own where browsers need what stands beside them, but not the checking.

/** A command as it arrives. */
export const commandSchema = z.object({
  seq: z.number().int().positive(),
  domain: z.string().min(1),
  kind: z.enum(commandKinds),
  mode: z.enum(modes),
  targets: z.array(z.string()).max(maxTargetsPerCommand),
  query: z.object({ is: z.enum(['only', 'without']), names: z.array(z.string()).max(100) }).optional(),
}) satisfies z.ZodType<Command>
