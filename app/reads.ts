import { cache } from 'react'
import { ifPermitted } from '#components/denied.tsx'
import type { Caller } from '#lib/core/caller.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { listPolicies } from '#lib/operations/save-policy.ts'

// The rail stands twice on a page, once for phones, and most pages need the same: they are read once a request.
// Nobody asked for them, so who may see none is not refused.

/** The domains that the caller may see; none where that is not permitted. */
export const domainsSeen = cache(async (caller: Caller) =>
  mayAnywhere(caller, listDomains.action) ? ifPermitted(listDomains(caller, {}), []) : [],
)

/** The caches that the caller may see; none where that is not permitted. */
export const cachesSeen = cache(async (caller: Caller) =>
  mayAnywhere(caller, listCaches.action) ? ifPermitted(listCaches(caller, {}), []) : [],
)

/** The names of the account's own policies, where the caller may see them. */
export const policiesSeen = cache(async (caller: Caller) =>
  mayAnywhere(caller, listPolicies.action)
    ? (await ifPermitted(listPolicies(caller, {}), { own: [], system: [] })).own.map((policy) => policy.name)
    : [],
)
