import pg from 'pg'
import { settings } from '#lib/settings.ts'

/** `freshet_log`: commands were appended; `freshet_lanes`: progress; `freshet_work`: caches or probes. */
export type Channel = 'freshet_log' | 'freshet_lanes' | 'freshet_work'

/**
 * Listens on one connection and calls back on each notification, and once after each (re)connect,
 * because what was missed meanwhile is lost: a notification only wakes.
 *
 * @returns a function that stops listening
 */
export function listen(channels: readonly Channel[], wake: (channel: Channel) => void): () => Promise<void> {
  let client: pg.Client | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const reconnect = () => {
    client?.removeAllListeners()
    client?.on('error', () => {})
    client?.end().catch(() => {})
    client = undefined
    if (!stopped) timer = setTimeout(connect, 500)
  }
  const connect = async () => {
    const opening = new pg.Client({
      connectionString: settings().databaseUrl,
      connectionTimeoutMillis: 3000,
      keepAlive: true,
    })
    client = opening
    opening.on('error', reconnect)
    opening.on('end', reconnect)
    opening.on('notification', (message) => wake(message.channel as Channel))
    try {
      await opening.connect()
      for (const channel of channels) await opening.query(`listen ${channel}`)
      for (const channel of channels) wake(channel)
    } catch {
      if (client === opening) reconnect()
    }
  }
  void connect()
  return async () => {
    stopped = true
    clearTimeout(timer)
    client?.removeAllListeners()
    client?.on('error', () => {})
    await client?.end().catch(() => {})
  }
}
