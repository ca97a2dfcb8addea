import type { DriverKind } from './driver.ts'
import { edge } from './edge.ts'
import { varnish } from './varnish.ts'

/** Every kind of cache that can be purged, by its name. */
export const drivers: Readonly<Record<string, DriverKind>> = { edge, varnish }
