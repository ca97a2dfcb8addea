/** What a field must look like, by code; the console says the same in Chinese. */
export const rules = {
  'cache-name':
    'A name has 1 to 63 letters, digits, blanks, “.”, “_” or “-”, and begins with a letter or digit.',
  'cache-kind': 'The kind is edge or varnish.',
  'cache-address': 'Write the address as http://HOST:PORT, or https://HOST:PORT, without a path.',
  'cache-tier': 'The tier is edge or shield.',
  'cache-pop': 'A POP label has at most 40 characters.',
  'cache-secret': 'A secret has 16 to 500 printable ASCII characters, without blanks.',
  'domain-name': 'Write a host name such as www.example.com, without scheme, port, path or *.',
  'domain-origin': 'Write the origin as http://HOST:PORT or https://HOST, or leave it empty.',
  'account-name': 'The account’s name has 1 to 60 characters.',
  'user-name': 'A user’s name has 1 to 63 letters, digits, “.”, “_” or “-”, without blanks.',
  password: 'A password has 12 to 200 characters.',
  note: 'A note has at most 200 characters.',
  'submission-key': 'A submission needs a key of its own (a UUID). Reload the page.',
} as const

export type RuleCode = keyof typeof rules

/** The sentence of a rule; what is no code of ours is a sentence already. */
export function ruleSentence(code: string): string {
  return Object.hasOwn(rules, code) ? rules[code as RuleCode] : code
}
