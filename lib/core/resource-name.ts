/** The vendor's name of a domain in policies, `acs:dcdn:*:ACCOUNT:domain/NAME`. */
export function domainResource(accountId: number, domain: string): string {
  return `acs:dcdn:*:${accountId}:domain/${domain}`
}

/** The name of a thing that the vendor has not, such as `cache/fra1`. */
export function freshetResource(accountId: number, relativeId: string): string {
  return `acs:freshet:*:${accountId}:${relativeId}`
}
