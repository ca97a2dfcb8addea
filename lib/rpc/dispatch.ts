import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { callerOfKey, noteCall, type SigningKey } from '#lib/operations/key-call.ts'
import { actionNamed } from './actions.ts'
import { proveKey } from './authenticate.ts'
import { Parameters } from './parameters.ts'
import { type Answer, type HttpAnswer, type Refusal, refusalOf, render } from './render.ts'
import { type HttpCall, type RpcRequest, readRequest } from './request.ts'

/** A call while it is answered: as much as is known of it when something goes wrong. */
type Known = { request?: RpcRequest; key?: SigningKey; caller?: Caller }

/** Answers a call of the API: who calls, and then one operation. */
export async function answerCall(call: HttpCall): Promise<HttpAnswer> {
  const startMs = performance.now()
  const known: Known = {}
  const { status, answer } = await ask(call, known)
  const { request, key } = known
  if (key)
    noteCall({
      ...{ accountId: key.accountId, keyId: key.id, action: request?.action ?? '', status },
      code: typeof answer.Code === 'string' ? answer.Code : '',
      at: new Date().toISOString(),
      tookMs: Math.round(performance.now() - startMs),
      ...{ requestId: call.requestId, address: call.address },
    })
  return render(status, answer, request ?? { action: '', format: formatAsked(call) })
}

async function ask(call: HttpCall, known: Known): Promise<{ status: number; answer: Answer }> {
  const RequestId = call.requestId
  try {
    known.request = readRequest(call)
    const action = actionNamed(known.request)
    const { key, nonce } = await proveKey(call, known.request, known)
    const { address, isSecure } = call
    known.caller = await callerOfKey(key, {
      nonce,
      call: action.call,
      address,
      isSecure,
      requestId: RequestId,
    })
    const answer = await action.answer(known.caller, new Parameters(known.request.parameters))
    return { status: 200, answer: { ...answer, RequestId } }
  } catch (error) {
    const HostId = call.headers.host || 'unknown'
    const { status, ...refusal } = refusalFor(error, call, known)
    // The vendor has five strings in each; clients read them by name.
    return { status, answer: { RequestId, HostId, ...refusal, Recommend: recommend(refusal) } }
  }
}

function refusalFor(error: unknown, call: HttpCall, { caller }: Known): Refusal & { status: number } {
  if (error instanceof Fault) return { status: error.status, ...refusalOf(error, caller) }
  console.error(`Request ${call.requestId} of the API failed:`, error)
  const Message = `The request could not be answered. The log of the console says why, under ${call.requestId}.`
  return { status: 500, Code: 'InternalError', Message }
}

/** Where to read on: a place in the reference that comes with the product, so that nothing leaves the host. */
const recommend = ({ Code }: Refusal) => `docs/api.md#errors (${Code})`

/** The form that was asked for in a request that cannot be read. */
const formatAsked = ({ url }: HttpCall): RpcRequest['format'] =>
  /[?&]Action=/.test(url) && !/[?&]Format=json/i.test(url) ? 'xml' : 'json'
