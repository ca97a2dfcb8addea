import { z } from 'zod'
import type { TaskSnapshot } from '#lib/core/task.ts'
import { listen } from '#lib/store/notifications.ts'
import { newestRevision, readChanges, readTasks } from '#lib/store/tasks.ts'
import { operation } from './operation.ts'
import { scopeOf } from './scope.ts'

const paintMs = 100
const mostOpen = 300

type Viewer = (tasks: TaskSnapshot[]) => void
type Seat = { tell: Viewer; domains: ReadonlySet<string> | null }
type Room = {
  viewers: Set<Seat>
  revision: number
  sent: Map<string, string>
  busy: boolean
  again: boolean
}

/**
 * Everybody who watches, by account: one LISTEN per process, one read per account and paint.
 * Next may load this module once per bundle, so it lives on the process.
 */
const held = globalThis as {
  freshetRooms?: Map<number, Room> | undefined
  freshetListening?: boolean | undefined
}
held.freshetRooms ??= new Map()
const rooms = held.freshetRooms

function startListening(): void {
  if (held.freshetListening) return
  held.freshetListening = true
  listen(['freshet_log', 'freshet_lanes'], () => {
    for (const [accountId, room] of rooms) void paint(accountId, room)
  })
}

/** Reads what changed and hands it to the viewers, at most once in 100 ms. */
async function paint(accountId: number, room: Room): Promise<void> {
  if (room.busy) {
    room.again = true
    return
  }
  room.busy = true
  try {
    await send(accountId, room)
  } catch {
    // The database is away: the listener wakes everybody once it is back.
  }
  setTimeout(() => {
    room.busy = false
    if (room.again && rooms.get(accountId) === room) {
      room.again = false
      void paint(accountId, room)
    }
  }, paintMs)
}

async function send(accountId: number, room: Room): Promise<void> {
  const { ids, revision } = await readChanges(accountId, room.revision, mostOpen)
  const whole = { accountId, domains: null }
  const [open, changed] = await Promise.all([
    readTasks(whole, { open: true, limit: mostOpen }),
    ids.length === 0 ? [] : readTasks(whole, { ids }),
  ])
  room.revision = revision
  // What did not fit comes with the next paint: a viewer must not miss how something ended.
  if (ids.length === mostOpen) room.again = true
  const tasks = new Map([...open, ...changed].map((task) => [task.id, task]))
  const news: TaskSnapshot[] = []
  const now = new Map<string, string>()
  for (const [id, task] of tasks) {
    const text = JSON.stringify(task)
    now.set(id, text)
    if (room.sent.get(id) !== text) news.push(task)
  }
  room.sent = now
  if (news.length === 0) return
  for (const seat of room.viewers) {
    const seen = seat.domains === null ? news : news.filter((task) => seat.domains?.has(task.domain))
    if (seen.length === 0) continue
    try {
      seat.tell(seen)
    } catch {
      // A viewer that is gone must not cost the others their news.
      room.viewers.delete(seat)
    }
  }
}

/**
 * Watches the tasks that the caller may see. What a caller may see is asked once: who watches for long must
 * begin anew when the caller's rights have changed. A viewer gets absolute snapshots of what changed, and
 * first those of every open task; what it missed before it reads with describeRefreshTasks.
 *
 * @returns a function that ends the watching
 */
export const watchTasks = operation({
  action: 'dcdn:DescribeDcdnRefreshTasks',
  input: z.custom<Viewer>((given) => typeof given === 'function'),
  resources: () => 'anywhere',
  async run(caller, tell): Promise<() => void> {
    const { accountId } = caller
    const scope = await scopeOf(caller)
    startListening()
    let room = rooms.get(accountId)
    if (!room) {
      room = {
        viewers: new Set(),
        revision: await newestRevision(),
        sent: new Map(),
        busy: false,
        again: false,
      }
      rooms.set(accountId, rooms.get(accountId) ?? room)
      room = rooms.get(accountId) ?? room
    }
    const joined = room
    const seat = { tell, domains: scope.domains && new Set(scope.domains) }
    joined.viewers.add(seat)
    const leave = () => {
      joined.viewers.delete(seat)
      if (joined.viewers.size === 0 && rooms.get(accountId) === joined) rooms.delete(accountId)
    }
    try {
      tell(await readTasks(scope, { open: true, limit: mostOpen }))
    } catch (error) {
      leave()
      throw error
    }
    return leave
  },
})
