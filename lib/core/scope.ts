/** Whose records are read: those of an account, of all its domains or of some by name. */
export type Scope = { accountId: number; domains: readonly string[] | null }
