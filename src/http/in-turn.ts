/**
 * Runs what is asked for under one key one after the other. Of a button that is pressed twice the browser shows the
 * answer to the second press, which so sees what the first one did. Other processes are not waited for: that nothing
 * happens twice rests on the store's atomic operations alone.
 */
export function createTurns(): <T>(key: string, act: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<void>>()

  return async function inTurn(key, act) {
    const before = last.get(key)
    const { promise: own, resolve: done } = Promise.withResolvers<void>()
    last.set(key, own)
    try {
      await before
      return await act()
    } finally {
      if (last.get(key) === own) last.delete(key)
      done()
    }
  }
}
