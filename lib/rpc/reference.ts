import { type FaultDetails, faults } from '#lib/core/fault.ts'
import { defaultLimits } from '#lib/core/quota.ts'
import { type Action, actionTable, versions } from './actions.ts'

/** The text of docs/api.md, made from the table of actions and the catalogue of refusals. */
export function reference(): string {
  return [head, ...Object.entries(versions).map(product), errors()].join('\n')
}

const head = `# The API

Freshet speaks the RPC dialect of Alibaba Cloud's DCDN, so a service that calls RefreshDcdnObjectCaches changes only
the endpoint, and purges every cache. Every action here asks the same operation as the console: the same rights,
quotas, records and audit log. This page is written by the code: \`npx vitest run -u lib/rpc/reference\` after a change.

## Where, and how to sign

- \`POST /\` or \`GET /\` of the console's own address; heads of requests may be 256 KiB long, bodies 4 MB. With
  \`FRESHET_API_PORT\` the API listens on a port of its own too, where addresses may be 4 MiB long: a thousand URLs of
  1,024 characters. A proxy in front needs the same room, and must leave \`Host\` as the client sent it, for it is signed.
- Keys are made under Access, Access keys. Their user's policies say what they may do; those of an owner may everything.
- Version 3, \`ACS3-HMAC-SHA256\`: host, x-acs-action, x-acs-version, x-acs-date, x-acs-signature-nonce and
  x-acs-content-sha256 are signed always. Version 1, \`HMAC-SHA1\` with \`SignatureVersion=1.0\`.
- Parameters stand in the query, in a form, or in both; each once. Unknown ones are signed and passed over.
- Clocks may be 15 minutes apart. A nonce counts once for each key: of eight equal requests one succeeds.
- Version 3 answers in JSON; version 1 in XML, or in JSON with \`Format=JSON\`.
- A lost answer is asked for again with the same \`ClientToken\`, and a new nonce.

## What is told

- Complete means confirmed on every cache of the route: taken, and taken again after the longest that a fetch begun
  before could last. Refreshing lasts until then, also for days where a cache is away.
- Every line of a call is a row of its own under the number of its task; there is one task for each domain and call.
- A call is accepted whole or not at all: one line that does not fit, and nothing is submitted or counted.
- A File is removed, whatever \`Force\` says; what reaches further is asked about again, unless it is forced.
`

function product([name, version]: [string, string]): string {
  const actions = Object.entries(actionTable[version] ?? {})
  return [
    `## Version ${version}${titles[name]}\n`,
    ...actions.map(([one, action]) => section(one, action)),
  ].join('\n')
}

const titles: Record<string, string> = {
  dcdn: ', DCDN',
  cdn: ', CDN: other names for the same, with the same rights',
  own: ', Freshet: what neither of them has',
}

function section(name: string, { call, permission, text, parameters, answers }: Action): string {
  const rate = defaultLimits.callsPerSecond[call]
  const rows = parameters.map(
    (one) => `| ${one.name}${one.required ? ', mandatory' : ''} | ${one.is} | ${one.text} |`,
  )
  const table =
    rows.length === 0 ? ['No parameters.'] : ['| parameter | is | |', '| --- | --- | --- |', ...rows]
  return [
    `### ${name}\n`,
    `${text} Needs \`${permission}\`; ${rate} calls a second unless the account says otherwise.\n`,
    ...table,
    `\nAnswers RequestId, ${answers}\n`,
  ].join('\n')
}

function errors(): string {
  const rows = Object.entries(faults).map(
    ([code, { status, sentence, source }]) =>
      `| ${code} | ${status} | ${cell(sentence(names))} | ${source} |`,
  )
  return [
    '## Errors\n',
    'A refusal has RequestId, HostId, Code, Message and Recommend. NoPermission has AccessDeniedDetail besides: the',
    'action, the resource, whether it is an ImplicitDeny or an ExplicitDeny, the deciding policy and statement, and who',
    'can grant it. Those of the console alone are listed too: no code means two things.\n',
    '| Code | HTTP | Message | Source |',
    '| --- | --- | --- | --- |',
    ...rows,
    '| RequestBodyTooLarge | 413 | This request is {MB} long or longer. Split the list and submit the parts. | Freshet |',
    '| InvalidRequest | 400, 408, 431 | What came is no request that can be read, took too long, or has a head that is too long. | Freshet |',
    '| InternalError | 500 | The request could not be answered. The log of the console says why, under {RequestId}. | Alibaba Cloud common error codes |',
    '',
  ].join('\n')
}

/** Stands for details: each is its own name. */
const names = new Proxy({} as FaultDetails, { get: (_, name) => `{${String(name)}}` })

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
