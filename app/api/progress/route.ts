import { callerOrRefusal } from '#app/answer.ts'
import { sessionWatch } from '#app/session.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import type { TaskSnapshot } from '#lib/core/task.ts'
import { watchTasks } from '#lib/operations/watch-tasks.ts'

const pingMs = 5000
/** How often rights are looked at: what is taken away must be gone from open pages within five seconds. */
const lookMs = 2000
const mostQueuedBytes = 1_000_000
/** A browser needs one stream for all of its tabs, and no person has many browsers. */
const mostStreams = 50
const encoder = new TextEncoder()

// How many streams each user has from this process.
const held = globalThis as { freshetStreams?: Map<number | null, number> }
held.freshetStreams ??= new Map()
const streams = held.freshetStreams

/** Changed tasks of the caller's account as server-sent events, absolute snapshots. */
export async function GET(request: Request): Promise<Response> {
  const caller = await callerOrRefusal()
  if (caller instanceof Response) return caller
  const lookAgain = await sessionWatch()
  const [sight, maySee] = [await lookAgain(), mayAnywhere(caller, watchTasks.action)]
  const open = streams.get(caller.userId) ?? 0
  if (open >= mostStreams)
    return new Response(`You have ${open} streams open already. Close some pages.\n`, { status: 429 })
  streams.set(caller.userId, open + 1)
  let end = () => {}
  const stream = new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        let ended = false
        const say = (text: string) => {
          if (ended) return
          // A browser that does not keep up is cut; it connects again and reads where things are.
          if ((controller.desiredSize ?? 0) < -mostQueuedBytes) end()
          else controller.enqueue(encoder.encode(text))
        }
        const tell = (tasks: TaskSnapshot[]) => say(`data: ${JSON.stringify(tasks)}\n\n`)
        // Who may see no task is told by the stream when that changes.
        const leave = maySee ? watchTasks(caller, tell) : Promise.resolve(() => {})
        const ping = setInterval(() => say(': ping\n\n'), pingMs)
        const look = setInterval(async () => {
          if ((await lookAgain().catch(() => sight)) === sight) return
          say('event: changed\ndata: {}\n\n')
          end()
        }, lookMs)
        end = () => {
          if (ended) return
          ended = true
          streams.set(caller.userId, (streams.get(caller.userId) ?? 1) - 1)
          clearInterval(ping)
          clearInterval(look)
          leave.then(
            (stop) => stop(),
            () => {},
          )
          try {
            controller.close()
          } catch {
            // The browser was faster.
          }
        }
        request.signal.addEventListener('abort', () => end())
        say('retry: 1000\n\n')
        await leave
      },
      cancel: () => end(),
    },
    { highWaterMark: 0, size: (chunk) => chunk?.byteLength ?? 0 },
  )
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  })
}
