const long = 8_000

/** Patterns that make a search slow, each with the URL that it is slow for. */
export const hardPatterns: [name: string, pattern: string, path: string][] = [
  ['one letter', `/.*${'a'.repeat(980)}b.*`, `/${'a'.repeat(long)}`],
  ['two letters', `/.*${'ab'.repeat(490)}c.*`, `/${'ab'.repeat(long / 2)}`],
  ['three letters', `/.*${'aab'.repeat(325)}.*`, `/${`${'aab'.repeat(324)}c`.repeat(8)}`],
  ['letters that overlap', `/.*${'[a-z]'.repeat(75)}!.*`, `/${'a'.repeat(long)}`],
  ['slashes', `/.*${'/'.repeat(900)}b[^/]*a.*`, '/'.repeat(long)],
  ['segments', '/.*a[^/]*b[^/]*c.*d', '/a'.repeat(long / 2)],
  ['one segment', '/.*a[^/]*a[^/]*a[^/]*b', `/${'a'.repeat(long)}`],
  [
    'four repetitions',
    `/.*${'a'.repeat(320)}.*${'a'.repeat(320)}[^/]*${'a'.repeat(320)}.*b`,
    `/${'a'.repeat(long)}`,
  ],
  ['an end that is near', `/.*${'a'.repeat(490)}[^/]*${'a'.repeat(490)}`, `/${'a'.repeat(1_000)}`],
]
