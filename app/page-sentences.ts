import type en from '#messages/en.json'

/** Groups of sentences that only some pages show; see `Sentences`. Every page has all others. */
export const pageSentences = [
  'access',
  'api',
  'audit',
  'caches',
  'demo',
  'domains',
  'first',
  'history',
  'newPassword',
  'notice',
  'overview',
  'plan',
  'policy',
  'prefetch',
  'preview',
  'problem',
  'purge',
  'quotaPage',
  'sessions',
  'setUp',
  'signIn',
  'submission',
  'userSignIn',
  'welcome',
  'you',
] as const satisfies (keyof typeof en)[]
export type PageSentences = (typeof pageSentences)[number]
