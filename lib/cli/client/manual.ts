/** Every option there is, as `parseArgs` wants it and as `freshet help` says it. */
export const options = {
  file: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    says: 'read lines from FILE; may stand several times',
  },
  directory: { type: 'boolean', says: 'each line is a directory and stands for all below it' },
  regex: { type: 'boolean', says: 'each line is a pattern of [0-9], [a-z], [^/]* and .*' },
  'ignore-params': { type: 'boolean', says: 'each line stands for its URL with any parameters' },
  tag: { type: 'string', multiple: true, value: 'TAG', says: 'purge what has this tag; needs --domain' },
  domain: { type: 'string', value: 'HOST', says: 'the domain of the tags, or of the records' },
  soft: { type: 'boolean', says: 'keep copies, and ask the origin whether they changed' },
  hard: { type: 'boolean', says: 'remove copies' },
  header: { type: 'string', multiple: true, value: "'NAME: VALUE'", says: 'send this header to the origin' },
  sitemap: { type: 'string', value: 'URL', says: 'prefetch what this sitemap lists' },
  wait: { type: 'string', value: 'applied|confirmed', says: 'wait until every cache has got there' },
  follow: { type: 'boolean', says: 'show what happens until the task is over' },
  timeout: { type: 'string', value: 'TIME', says: 'wait at most so long, such as 90s, 10m or 2h (10m)' },
  note: { type: 'string', value: 'TEXT', says: 'a note for the records, such as a ticket' },
  status: { type: 'string', value: 'STATUS', says: 'complete, refreshing or failed' },
  type: { type: 'string', value: 'TYPE', says: 'file, directory, regex, ignoreparams, tag or preload' },
  since: { type: 'string', value: 'TIME', says: 'only of the last so long, such as 2h; three days at most' },
  limit: { type: 'string', value: 'COUNT', says: 'show so many, newest first (20)' },
  'access-key-id': { type: 'string', value: 'ID', says: 'the id of the access key' },
  endpoint: { type: 'string', value: 'URL', says: 'the address of the console' },
  profile: { type: 'string', value: 'NAME', says: 'the profile to use, whatever the environment says' },
  json: { type: 'boolean', says: 'one JSON document; with --follow one line for each change' },
  help: { type: 'boolean', says: 'show this' },
} as const

export type OptionName = keyof typeof options

/** Options that every command takes. */
export const everywhere = ['endpoint', 'profile', 'json', 'help'] as const

type Manual = { usage: string; says: string; options: readonly OptionName[]; examples: readonly string[] }

const waiting = ['wait', 'timeout', 'note'] as const

/** What each command is for and which options it takes. */
export const manuals = {
  purge: {
    usage: 'purge URL… | -',
    says: 'Purges URLs, directories, patterns or tags; “-” is the standard input.',
    options: ['file', 'directory', 'regex', 'ignore-params', 'tag', 'domain', 'soft', 'hard', ...waiting],
    examples: [
      'freshet purge https://www.example.com/app.css --wait confirmed',
      'freshet purge --file changed.txt --note "release 42"',
      'git diff --name-only HEAD~1 | sed s,^,https://www.example.com/, | freshet purge -',
      'freshet purge --directory https://www.example.com/img/ --soft',
      'freshet purge --tag sale --tag shoes --domain www.example.com',
    ],
  },
  prefetch: {
    usage: 'prefetch URL… | -',
    says: 'Fetches URLs into every cache; “-” is the standard input.',
    options: ['file', 'sitemap', 'header', ...waiting],
    examples: [
      'freshet prefetch https://www.example.com/big.iso --wait confirmed --timeout 1h',
      'freshet prefetch --sitemap https://www.example.com/sitemap.xml',
      "freshet prefetch --file urls.txt --header 'Accept-Encoding: br'",
    ],
  },
  task: {
    usage: 'task ID…',
    says: 'Shows how far tasks are, cache by cache.',
    options: ['follow', 'timeout'],
    examples: ['freshet task 2026112600000001', 'freshet task 2026112600000001 --follow --timeout 5m'],
  },
  records: {
    usage: 'records',
    says: 'Lists what was purged and prefetched in the last three days, newest first.',
    options: ['domain', 'status', 'type', 'since', 'limit'],
    examples: ['freshet records --since 2h', 'freshet records --domain www.example.com --status failed'],
  },
  quota: {
    usage: 'quota',
    says: 'Shows what is left of today’s quotas.',
    options: [],
    examples: ['freshet quota'],
  },
  configure: {
    usage: 'configure',
    says: 'Writes a profile and tries its key; asks for the secret, or reads it from the standard input.',
    options: ['access-key-id'],
    examples: [
      'freshet configure --endpoint https://freshet.example.com --access-key-id LTAI…',
      'pass show freshet | freshet configure --profile staging --endpoint https://… --access-key-id LTAI…',
    ],
  },
} as const satisfies Record<string, Manual>

export type CommandName = keyof typeof manuals
