import { ruleSentence } from './rules.ts'

/** Values that a fault's sentence is made from. */
export type FaultDetails = Record<string, string | number | readonly string[] | readonly object[]>

type Entry = { status: number; sentence: (details: FaultDetails) => string; source: string }

const vendor = 'Alibaba Cloud DCDN API reference'
const common = 'Alibaba Cloud common error codes'
const own = 'Freshet'

/** Every refusal there is: its HTTP status, its sentence and where its code comes from. */
export const faults = {
  'InvalidObjectPath.Malformed': {
    status: 400,
    sentence: (d) =>
      `${d.count} of ${d.total} lines ${d.count === 1 ? 'needs' : 'need'} attention; nothing was submitted. Correct them and submit again.`,
    source: vendor,
  },
  'SingleRequest.OverLimit': {
    status: 400,
    sentence: (d) =>
      `${d.given} lines were given and one submission takes ${d.limit}. Split the list and submit the parts.`,
    source: vendor,
  },
  MissingObjectPath: {
    status: 400,
    sentence: () => 'There is no URL to purge. Write at least one, each on a line of its own.',
    source: vendor,
  },
  'InvalidDomain.NotFound': {
    status: 404,
    sentence: (d) => `${d.domain} is not one of this account’s domains. Add it under Domains first.`,
    source: vendor,
  },
  NoPermission: {
    status: 403,
    sentence: (d) =>
      `You may not do this: ${d.action} on ${d.resource} is not allowed. Ask the owner of the account.`,
    source: common,
  },
  IdempotentParameterMismatch: {
    status: 409,
    sentence: () => 'This form was already submitted with other lines. Reload the page and submit again.',
    source: common,
  },
  InvalidParameter: {
    status: 400,
    sentence: (d) => `${d.given ? `“${d.given}” does not fit. ` : ''}${ruleSentence(String(d.rule))}`,
    source: common,
  },
  InvalidList: {
    status: 400,
    sentence: (d) => `Line ${d.line}: ${d.reason} Nothing was added.`,
    source: own,
  },
  'EntityNotExist.Task': {
    status: 404,
    sentence: (d) => `There is no task ${d.id} in this account. Look for it under Records.`,
    source: own,
  },
  'EntityNotExist.Cache': {
    status: 404,
    sentence: (d) => `There is no cache ${d.id} in this account. It may have been removed; reload the page.`,
    source: own,
  },
  'EntityNotExist.Domain': {
    status: 404,
    sentence: (d) => `There is no domain ${d.id} in this account. It may have been removed; reload the page.`,
    source: own,
  },
  'EntityAlreadyExists.Cache': {
    status: 409,
    sentence: (d) => `A cache named ${d.given} exists already. Choose another name, or change that one.`,
    source: own,
  },
  'EntityAlreadyExists.Domain': {
    status: 409,
    sentence: (d) => `${d.given} is already set up in this deployment. A domain belongs to one account.`,
    source: own,
  },
  DomainWithoutCaches: {
    status: 409,
    sentence: (d) => `${d.domain} has no cache to purge. Choose its caches under Domains.`,
    source: own,
  },
  SignInFailed: {
    status: 401,
    sentence: () =>
      'The name or the password is wrong. After a lost password, “node bin/freshet.mjs user reset NAME” on the server sets a new one.',
    source: own,
  },
  SetUpClosed: {
    status: 403,
    sentence: () =>
      'This set-up link is not valid. The server prints the current one when it starts, until an account exists.',
    source: own,
  },
} satisfies Record<string, Entry>

export type FaultCode = keyof typeof faults

/** A refusal: it ends the operation, and the adapter shows its sentence. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly details: FaultDetails
  readonly status: number

  constructor(code: FaultCode, details: FaultDetails = {}) {
    super((faults[code] as Entry).sentence(details))
    this.name = 'Fault'
    this.code = code
    this.details = details
    this.status = faults[code].status
  }
}
