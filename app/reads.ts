import { cache } from 'react'
import { ifPermitted } from '#components/denied.tsx'
import type { Caller } from '#lib/core/caller.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'

// The rail stands twice on a page, once for phones, and most pages need the same: they are read once a request.

/** The domains that the caller may see; none where that is not permitted. */
export const domainsSeen = cache((caller: Caller) => ifPermitted(listDomains(caller, {}), []))

/** The caches that the caller may see; none where that is not permitted. */
export const cachesSeen = cache((caller: Caller) => ifPermitted(listCaches(caller, {}), []))
