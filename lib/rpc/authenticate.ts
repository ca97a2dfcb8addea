import { createHash } from 'node:crypto'
import { Fault } from '#lib/core/fault.ts'
import {
  algorithmV3,
  canonicalRequest,
  parseAuthorization,
  sameSignature,
  signV1,
  signV3,
  stringToSignV1,
  stringToSignV3,
} from '#lib/core/signature.ts'
import { findKey, type SigningKey } from '#lib/operations/key-call.ts'
import { type HttpCall, isForm, type RpcRequest } from './request.ts'

/** How far a client's clock may be off, either way. */
const skewMinutes = 15

/** What is shown of what was signed, characters; it may be as long as the call. */
const mostShown = 8_192

/** What a call says to prove itself; the rest of it is as good as its signature. */
type Proof = {
  keyId: string
  signature: string
  time: string
  nonce: string
  securityToken: string
  sign: (secret: string) => string
  /** Shown where signatures differ, so that a client can compare it with its own. */
  stringToSign: () => string
}

/**
 * The key whose secret signed a call, in time.
 *
 * @param known told which key it is, also where its secret did not sign
 * @see the vendor's pages on signing: version 3 with headers, version 1 with parameters
 * @throws Fault MissingParameter, IncompleteSignature, InvalidSignatureMethod, InvalidTimeStamp.Format,
 *   InvalidTimeStamp.Expired, InvalidSecurityToken.Malformed, InvalidAccessKeyId.NotFound, SignatureDoesNotMatch
 */
export async function proveKey(
  call: HttpCall,
  request: RpcRequest,
  known: { key?: SigningKey },
): Promise<{ key: SigningKey; nonce: string }> {
  const proof = request.scheme === 'v3' ? proofOfHeaders(call, request) : proofOfParameters(call, request)
  requireInTime(proof.time)
  if (proof.securityToken !== '') throw new Fault('InvalidSecurityToken.Malformed')
  const key = await findKey(proof.keyId)
  const isSame = sameSignature(proof.signature, proof.sign(key.secret))
  const stringToSign = proof.stringToSign().slice(0, mostShown)
  if (!key.isKnown) throw new Fault('InvalidAccessKeyId.NotFound')
  known.key = key
  if (!isSame) throw new Fault('SignatureDoesNotMatch', { stringToSign })
  return { key, nonce: proof.nonce }
}

/** Without them a signature would stand for another call as well. */
const signedAlways = [
  'host',
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-content-sha256',
]

function proofOfHeaders({ method, headers, body }: HttpCall, { query, parameters }: RpcRequest): Proof {
  const authorization = headers.authorization ?? ''
  const given = parseAuthorization(authorization)
  if (!given) throw unreadable(authorization)
  const unsigned = signedAlways.find(
    (name) => !given.signedHeaders.includes(name) || headers[name] === undefined,
  )
  if (unsigned !== undefined)
    throw new Fault('IncompleteSignature', { reason: `${unsigned} is missing or not among SignedHeaders.` })
  // Each repeat would make what is signed as long again, for anybody who asks.
  const { size } = new Set(given.signedHeaders)
  if (size < given.signedHeaders.length || given.signedHeaders.some((name) => headers[name] === undefined))
    throw new Fault('IncompleteSignature', {
      reason: 'SignedHeaders names a header twice, or one that was not sent.',
    })
  if (body.length > 0 && !isForm(headers))
    throw new Fault('IncompleteSignature', {
      reason: 'the body is no form (content-type application/x-www-form-urlencoded).',
    })
  const bodyHash = headers['x-acs-content-sha256'] ?? ''
  if (bodyHash.toLowerCase() !== createHash('sha256').update(body).digest('hex'))
    throw new Fault('IncompleteSignature', { reason: 'x-acs-content-sha256 is not the hash of the body.' })
  const canonical = canonicalRequest({
    ...{ method, query, headers, bodyHash },
    signedHeaders: given.signedHeaders,
  })
  return {
    keyId: given.accessKeyId,
    signature: given.signature,
    time: headers['x-acs-date'] ?? '',
    nonce: required(headers['x-acs-signature-nonce'], 'x-acs-signature-nonce'),
    securityToken: headers['x-acs-security-token'] || parameters.get('SecurityToken') || '',
    sign: (secret) => signV3(canonical, secret),
    stringToSign: () => stringToSignV3(canonical),
  }
}

function unreadable(authorization: string): Fault {
  const [scheme = ''] = authorization.split(' ')
  if (scheme !== '' && scheme !== algorithmV3)
    return new Fault('InvalidSignatureMethod', { given: scheme.slice(0, 40) })
  return new Fault('IncompleteSignature', {
    reason: `Authorization is not “${algorithmV3} Credential=…,SignedHeaders=…,Signature=…”.`,
  })
}

function proofOfParameters({ method, headers }: HttpCall, { query, form, parameters }: RpcRequest): Proof {
  const named = (name: string) => required(parameters.get(name), name)
  const signatureMethod = named('SignatureMethod')
  if (signatureMethod !== 'HMAC-SHA1' || named('SignatureVersion') !== '1.0')
    throw new Fault('InvalidSignatureMethod', { given: signatureMethod.slice(0, 40) })
  const stringToSign = stringToSignV1(method, [...query, ...form])
  return {
    keyId: named('AccessKeyId'),
    signature: named('Signature'),
    time: named('Timestamp'),
    nonce: named('SignatureNonce'),
    securityToken: parameters.get('SecurityToken') || headers['x-acs-security-token'] || '',
    sign: (secret) => signV1(stringToSign, secret),
    stringToSign: () => stringToSign,
  }
}

function required(value: string | undefined, field: string): string {
  if (!value) throw new Fault('MissingParameter', { field })
  return value
}

function requireInTime(given: string): void {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(given) && !Number.isNaN(Date.parse(given))
  if (!isTime) throw new Fault('InvalidTimeStamp.Format', { given: given.slice(0, 40) })
  const now = Date.now()
  if (Math.abs(now - Date.parse(given)) > skewMinutes * 60_000)
    throw new Fault('InvalidTimeStamp.Expired', {
      ...{ given, minutes: skewMinutes },
      now: `${new Date(now).toISOString().slice(0, 19)}Z`,
    })
}
