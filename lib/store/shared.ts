/**
 * Lets those who ask for the same at the same time share one read. Nobody gets what was read before they asked:
 * who comes while a read is on its way shares the next one.
 *
 * @param read answers with what nobody changes, for others have it too
 */
export function shared<Key, Answer>(read: (key: Key) => Promise<Answer>): (key: Key) => Promise<Answer> {
  const running = new Map<Key, Promise<Answer>>()
  const next = new Map<Key, Promise<Answer>>()
  const start = (key: Key) => {
    const reading = read(key).finally(() => running.delete(key))
    running.set(key, reading)
    return reading
  }
  const startAfter = async (key: Key, before: Promise<Answer>) => {
    // What came to others is no business of those who read anew.
    await before.catch(() => {})
    next.delete(key)
    return start(key)
  }
  return (key) => {
    const before = running.get(key)
    if (!before) return start(key)
    const reading = next.get(key) ?? startAfter(key, before)
    next.set(key, reading)
    return reading
  }
}
