/** What a field must look like, by code; the console says the same in Chinese. */
export const rules = {
  'view-name': 'A name of a view has 1 to 60 characters, on one line.',
  'retention-days': 'Records are kept for 1 to 3,650 days.',
  'cache-name':
    'A name has 1 to 63 letters, digits, blanks, “.”, “_” or “-”, and begins with a letter or digit.',
  'cache-kind': 'The kind is edge or varnish.',
  'cache-address': 'Write the address as http://HOST:PORT, or https://HOST:PORT, without a path.',
  'cache-tier': 'The tier is edge or shield.',
  'cache-secret-again':
    'Write the secret too: another address or kind is another cache, and is not sent the old one.',
  'cache-pop': 'A POP label has at most 40 characters.',
  'cache-region': 'The region is domestic, overseas or none.',
  'cache-secret': 'A secret has 16 to 500 printable ASCII characters, without blanks.',
  'domain-name': 'Write a host name such as www.example.com, without scheme, port, path or *.',
  'domain-origin': 'Write the origin as http://HOST:PORT or https://HOST, or leave it empty.',
  'domain-query': 'Name the parameters, by commas, as they stand in URLs.',
  'domain-rewrites': 'Write one rule a line, such as /old/* -> /new/$1: paths, without a query.',
  'domain-ttl': 'The time until copies expire is from 0 to 31,536,000 seconds.',
  'domain-headers':
    'Write fields as Name: value, with a blank line between sets; no connection fields, and credentials only where they are allowed.',
  'domain-bytes': 'Write a number of bytes.',
  'domain-per-second': 'Write from 1 to 100,000 requests a second.',
  'domain-at-once': 'Write from 1 to 1,000 requests at once.',
  'domain-in-flight': 'The in-flight time is from 0 to 86,400 seconds.',
  'account-name': 'The account’s name has 1 to 60 characters.',
  'user-name': 'A user’s name has 1 to 63 letters, digits, “.”, “_” or “-”, without blanks.',
  'group-name': 'A group’s name has 1 to 64 letters, digits, “.”, “_” or “-”, without blanks.',
  'policy-name': 'A policy’s name has 1 to 128 letters, digits or “-”.',
  'policy-system': 'This is the name of a system policy. Choose another one.',
  'key-network': 'Write addresses or networks such as 203.0.113.7 or 203.0.113.0/24.',
  'key-expiry': 'Choose a day, or leave it open.',
  'access-path': 'A path begins with “/” and may hold “*” for any run of characters.',
  'simulated-time': 'Write the time as 2026-11-30T08:00:00Z.',
  'quota-amount': 'Write a whole number from 1 to 10,000,000.',
  'quota-more': 'Ask for more than there is today.',
  'quota-until': 'Choose today or a later day, or leave it open.',
  'quota-reason': 'Say in at most 500 characters what it is for.',
  'quota-peak': 'The peak bandwidth is a whole number of Mbit/s.',
  'limit-count': 'A limit is a whole number from 0 to 10,000,000.',
  'limit-offset': 'The day begins 720 minutes west of UTC at the earliest and 840 east of it at the latest.',
  'limit-warn': 'A warning begins at a whole number from 1 to 100 percent.',
  'quota-note': 'A note has at most 500 characters.',
  'user-policy': 'Choose what the user may do.',
  password: 'A password has 12 to 200 characters.',
  'password-user': 'A password does not hold its user’s name. Choose another one.',
  'password-account': 'A password does not hold the account’s name. Choose another one.',
  'password-product': 'A password does not hold “freshet”. Choose another one.',
  'password-repeated':
    'This repeats a few characters or a short part. Choose words or characters that differ.',
  'password-sequence':
    'This follows the keyboard, the alphabet or the digits, and is guessed early. Choose something else.',
  'password-common': 'This is made of words that many passwords have, and is guessed early. Add others.',
  'password-same': 'The new password is the present one. Choose another one.',
  'password-present': 'This is not your present password.',
  'headers-syntax': 'Write each field on a line of its own, as Name: value.',
  'headers-json': 'Write an object of names and lists of values, such as {"Accept-Encoding":["gzip"]}.',
  'headers-name': 'A field’s name has letters, digits and hyphens.',
  'headers-value': 'A field’s value has printable ASCII characters, at most 2,000 and no line break.',
  'headers-refused': 'This field belongs to the connection or decides what is stored; it cannot be set.',
  'headers-hidden': 'Write the value of this field again; it is not shown once it is saved.',
  'headers-credentials': 'Cookie and Authorization are sent only where the domain’s settings allow it.',
  'headers-repeated': 'A field stands once in a set.',
  'headers-too-many': 'There may be 16 sets of 20 fields.',
  note: 'A note has at most 200 characters.',
  'submission-key': 'A submission needs a key of its own (a UUID). Reload the page.',
} as const

export type RuleCode = keyof typeof rules

/** The sentence of a rule; what is no code of ours is a sentence already. */
export function ruleSentence(code: string): string {
  return Object.hasOwn(rules, code) ? rules[code as RuleCode] : code
}
