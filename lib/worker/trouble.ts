const quietMs = 60_000

const told = new Map<string, number>()

/**
 * Says in the log what went wrong in a loop that goes on: the database is away, or there is a fault of
 * ours. The same trouble is told once a minute.
 */
export function tellTrouble(where: string, error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const key = `${where}: ${message}`
  const now = performance.now()
  if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < quietMs) return
  if (told.size > 100) told.clear()
  told.set(key, now)
  console.error(`${new Date().toISOString()} ${where}: ${stack ?? message}`)
}
