import { ruleSentence } from './rules.ts'

/** Values that a fault's sentence is made from. */
export type FaultDetails = Record<string, string | number | readonly string[] | readonly object[]>

type Entry = { status: number; sentence: (details: FaultDetails) => string; source: string }

const vendor = 'Alibaba Cloud DCDN API reference'
const common = 'Alibaba Cloud common error codes'
const own = 'Freshet'

/** What a pool of the quota counts. */
const poolNames: Record<string, string> = {
  url: 'URLs',
  directory: 'directories',
  regex: 'regular expressions',
  'ignore-parameters': 'URLs whatever their parameters',
  tag: 'tags',
  prefetch: 'prefetches',
}
const poolName = (pool: unknown) => poolNames[String(pool)] ?? String(pool)

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
  'QuotaExceeded.Refresh': {
    status: 400,
    sentence: (d) =>
      `${d.asked} lines were given and ${d.left} of ${d.limit} (${poolName(d.pool)}) are left today. Submit fewer, wait until ${d.resetsAt}, or ask for more under Quotas.`,
    source: vendor,
  },
  'QuotaExceeded.Preload': {
    status: 400,
    sentence: (d) =>
      `${d.asked} URLs were given and ${d.left} of ${d.limit} prefetches are left today. Submit fewer, wait until ${d.resetsAt}, or ask for more under Quotas.`,
    source: vendor,
  },
  'QuotaPerMinuteExceeded.Refresh': {
    status: 400,
    sentence: (d) =>
      `${d.domain} may be purged by ${d.limit} lines (${poolName(d.pool)}) a minute; ${d.asked} were given and ${d.left} are left. Try again in a minute.`,
    source: vendor,
  },
  PreloadQueueFull: {
    status: 400,
    sentence: (d) =>
      `The prefetch queue takes ${d.limit} URLs, and with these it would hold ${d.queued}. Submit again when some are done.`,
    source: vendor,
  },
  QuotaRequestPending: {
    status: 409,
    sentence: (d) =>
      `You have asked for more ${poolName(d.pool)} already. Wait for the decision, or withdraw that request.`,
    source: own,
  },
  'EntityNotExist.QuotaRequest': {
    status: 404,
    sentence: (d) => `Request ${d.id} waits for no decision any more. Reload the page.`,
    source: own,
  },
  ConfirmationNeeded: {
    status: 400,
    sentence: (d) => `This reaches everything on ${d.hosts}. Type each host name to confirm that.`,
    source: own,
  },
  'InvalidParameter.WithHeader': {
    status: 400,
    sentence: (d) =>
      `The headers do not fit${d.line ? `, line ${d.line}` : ''}: “${d.given}”. ${ruleSentence(String(d.rule))}`,
    source: own,
  },
  MissingObjectPath: {
    status: 400,
    sentence: () => 'There is no line to submit. Write at least one, each on a line of its own.',
    source: vendor,
  },
  'InvalidParameter.Area': {
    status: 400,
    sentence: (d) =>
      d.domain
        ? `${d.domain} has no cache in this area that a prefetch may reach. Leave Area out, or set the region of its caches.`
        : `“${d.given}” is no area. Write domestic or overseas, or leave Area out for all.`,
    source: own,
  },
  'InvalidExtensiveDomain.ValueNotSupported': {
    status: 400,
    sentence: (d) =>
      `${d.domain} stands for several hosts. Write each host on a line of its own; nothing was submitted.`,
    source: vendor,
  },
  DomainNameOverLimit: {
    status: 400,
    sentence: (d) => `${d.given} domains were given, and one call takes ${d.limit}. Split the call.`,
    source: vendor,
  },
  'InvalidObjectType.Malformed': {
    status: 400,
    sentence: (d) => `“${d.given}” is no ObjectType. Write ${d.known}.`,
    source: vendor,
  },
  'InvalidObjectType.ValueNotSupported': {
    status: 400,
    sentence: (d) => `“${d.given}” is no ObjectType of records. Write ${d.known}.`,
    source: vendor,
  },
  'InvalidStatus.ValueNotSupported': {
    status: 400,
    sentence: (d) => `“${d.given}” is no Status. Write Complete, Refreshing or Failed.`,
    source: vendor,
  },
  'InvalidTaskId.Malformed': {
    status: 400,
    sentence: (d) =>
      `“${d.given}” does not fit. TaskId is 1 to ${d.limit} numbers of tasks, with commas between them.`,
    source: vendor,
  },
  'MissingParameter.ObjectType': {
    status: 400,
    sentence: () =>
      'DomainName and Status need an ObjectType beside them: file, directory, regex or preload.',
    source: vendor,
  },
  MissingTimeParameter: {
    status: 400,
    sentence: () => 'StartTime and EndTime go together. Write both, or neither for the last three days.',
    source: vendor,
  },
  'InvalidStartTime.Malformed': {
    status: 400,
    sentence: (d) => `“${d.given}” is no StartTime. Write it as 2026-11-30T08:00:00Z, in UTC.`,
    source: vendor,
  },
  'InvalidEndTime.Malformed': {
    status: 400,
    sentence: (d) => `“${d.given}” is no EndTime. Write it as 2026-11-30T08:00:00Z, in UTC.`,
    source: vendor,
  },
  'InvalidEndTime.Mismatch': {
    status: 400,
    sentence: () => 'EndTime is not later than StartTime. Write a later one.',
    source: vendor,
  },
  'InvalidStartTime.ValueNotSupported': {
    status: 400,
    sentence: (d) =>
      `StartTime is ${d.given}, and the API tells of the last ${d.days} days. Write a later one; the console has older records.`,
    source: vendor,
  },
  MissingParameter: {
    status: 400,
    sentence: (d) => `${d.field} is mandatory for this action. Send it.`,
    source: common,
  },
  'InvalidAction.NotFound': {
    status: 404,
    sentence: (d) =>
      `Specified api is not found, please check your url and method. There is no action “${d.given}” in this version; docs/api.md lists those that there are.`,
    source: common,
  },
  InvalidVersion: {
    status: 400,
    sentence: (d) => `“${d.given}” is no version of this API. Write ${d.known}.`,
    source: common,
  },
  IncompleteSignature: {
    status: 400,
    sentence: (d) => `The request does not conform to the signature standard: ${d.reason}`,
    source: common,
  },
  InvalidSignatureMethod: {
    status: 400,
    sentence: (d) =>
      `“${d.given}” is no way to sign that is known here. Sign with ACS3-HMAC-SHA256, or with HMAC-SHA1 of version 1.0.`,
    source: common,
  },
  SignatureDoesNotMatch: {
    status: 400,
    sentence: (d) =>
      `Specified signature is not matched with our calculation. server string to sign is:${d.stringToSign}`,
    source: common,
  },
  'InvalidTimeStamp.Format': {
    status: 400,
    sentence: (d) => `“${d.given}” is no time of a request. Write it as 2026-11-30T08:00:00Z, in UTC.`,
    source: common,
  },
  'InvalidTimeStamp.Expired': {
    status: 400,
    sentence: (d) =>
      `The time of the request is ${d.given}, and here it is ${d.now}: more than ${d.minutes} minutes apart. Set the clock.`,
    source: common,
  },
  SignatureNonceUsed: {
    status: 400,
    sentence: () => 'This nonce was used already. Sign each request, and each repeat of one, with a new one.',
    source: common,
  },
  'InvalidAccessKeyId.NotFound': {
    status: 404,
    sentence: () =>
      'Specified access key is not found. Look under Access, Access keys, for those that there are.',
    source: common,
  },
  'InvalidAccessKeyId.Inactive': {
    status: 400,
    sentence: (d) => `Specified access key is ${d.reason}. An admin can say why, or make another one.`,
    source: common,
  },
  'InvalidSecurityToken.Malformed': {
    status: 400,
    sentence: () =>
      'There are no security tokens here, so a request with one is nobody’s. Sign with an access key alone.',
    source: common,
  },
  'Forbidden.SourceIp': {
    status: 403,
    sentence: (d) =>
      `This access key may not be used from ${d.address}. Use it from one of its networks, or have them changed under Access, Access keys.`,
    source: own,
  },
  'Throttling.User': {
    status: 429,
    sentence: (d) =>
      `Request was denied due to user flow control: ${d.call} may be called ${d.limit} ${d.limit === 1 ? 'time' : 'times'} a second in this account. Wait a second and send it again.`,
    source: common,
  },
  'InvalidDomain.NotFound': {
    status: 404,
    sentence: (d) => `${d.domain} is not one of this account’s domains. Add it under Domains first.`,
    source: vendor,
  },
  NoPermission: {
    status: 403,
    sentence: (d) =>
      `You may not do this: ${d.action} on ${d.resource}${d.path ? ` for ${d.path} (${d.method})` : ''} ${
        d.denial === 'ExplicitDeny'
          ? `is denied by the policy ${d.policy}`
          : `is not among what you were granted (${d.policies || 'nothing yet'})`
      }. ${d.grantors ? `${d.grantors} can grant it.` : 'Ask an admin of the account.'}`,
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
  SearchTooShort: {
    status: 400,
    sentence: (d) =>
      `“${d.given}” is too short to be looked for in all records. Write at least 3 characters, or choose a time of a day at most.`,
    source: own,
  },
  TooManySignIns: {
    status: 429,
    sentence: () => 'Too many people are signing in at once. Try again in a few seconds.',
    source: own,
  },
  TooManyWrongSignIns: {
    status: 429,
    sentence: (d) =>
      `There were too many wrong tries from your address, with this name or with others. Try again in ${d.seconds} ${d.seconds === 1 ? 'second' : 'seconds'}.`,
    source: own,
  },
  PasswordChangeNeeded: {
    status: 403,
    sentence: () => 'A new password is asked of you first. Open the console and choose one.',
    source: own,
  },
  NothingToRetry: {
    status: 409,
    sentence: (d) =>
      `No line of task ${d.id} failed at a cache that still serves its domain. Run the task again to submit all of it.`,
    source: own,
  },
  'EntityAlreadyExists.View': {
    status: 409,
    sentence: (d) => `There is a view ${d.given} already. Choose another name.`,
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
  'EntityNotExist.User': {
    status: 404,
    sentence: (d) => `There is no user ${d.id} in this account. Reload the page.`,
    source: own,
  },
  'EntityAlreadyExists.User': {
    status: 409,
    sentence: (d) => `There is a user ${d.given} already. Choose another name.`,
    source: own,
  },
  'EntityNotExist.Group': {
    status: 404,
    sentence: (d) => `There is no group ${d.id} in this account. Reload the page.`,
    source: own,
  },
  'EntityAlreadyExists.Group': {
    status: 409,
    sentence: (d) => `There is a group ${d.given} already. Choose another name.`,
    source: own,
  },
  'EntityNotExist.Policy': {
    status: 404,
    sentence: (d) => `There is no policy ${d.id} in this account. Reload the page.`,
    source: own,
  },
  'EntityAlreadyExists.Policy': {
    status: 409,
    sentence: (d) => `There is a policy ${d.given} already. Choose another name, or change that one.`,
    source: own,
  },
  MalformedPolicy: {
    status: 400,
    sentence: (d) =>
      `${d.count === 1 ? 'One place' : `${d.count} places`} of this policy ${d.count === 1 ? 'needs' : 'need'} attention; nothing was saved. Correct what is marked and save again.`,
    source: own,
  },
  PolicyChanged: {
    status: 409,
    sentence: (d) =>
      `Somebody else has saved ${d.given} meanwhile. Copy what you wrote, reload the page and change the newest version.`,
    source: own,
  },
  OwnRights: {
    status: 409,
    sentence: (d) =>
      `This would change your own rights (${d.given}). Another admin or the owner can do it for you.`,
    source: own,
  },
  'EntityNotExist.AccessKey': {
    status: 404,
    sentence: (d) => `There is no access key ${d.id} in this account. Reload the page.`,
    source: own,
  },
  'LimitExceeded.AccessKey': {
    status: 409,
    sentence: (d) =>
      `${d.given} has ${d.limit} access keys, which is the most. Disable and delete one of them first.`,
    source: own,
  },
  KeyIsEnabled: {
    status: 409,
    sentence: (d) =>
      `${d.id} may still be in use. Disable it first, and delete it when nothing has missed it.`,
    source: own,
  },
  'EntityNotExist.AccessRequest': {
    status: 404,
    sentence: (d) => `Request ${d.id} waits for no decision any more. Reload the page.`,
    source: own,
  },
  'LimitExceeded.AccessRequest': {
    status: 409,
    sentence: (d) => `${d.limit} of your requests wait for a decision. Withdraw one, or wait.`,
    source: own,
  },
  'EntityAlreadyExists.Account': {
    status: 409,
    sentence: (d) => `There is an account ${d.given} already. Choose another name.`,
    source: own,
  },
  'EntityNotExist.Session': {
    status: 404,
    sentence: () => 'This session has ended already. Reload the page.',
    source: own,
  },
  OwnerIsFixed: {
    status: 409,
    sentence: (d) =>
      `${d.given} cannot be changed like this: an owner always has every right, and nobody can shut themselves out.`,
    source: own,
  },
  LinkUsed: {
    status: 403,
    sentence: () =>
      'This link was used, has expired or was replaced. Ask an admin of the account for a new one.',
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
      'The name or the password is wrong. A name that several accounts have is written NAME@ACCOUNT. After a lost password, “node bin/freshet.mjs user reset NAME” on the server sets a new one.',
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
