import { setTimeout as pause } from 'node:timers/promises'

/** Asks again until there is an answer: for what happens off the request path and tells nobody. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, patience = 90_000): Promise<T> {
  const end = performance.now() + patience
  for (let wait = 5; ; wait = Math.min(2 * wait, 200)) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`waited ${patience} ms in vain: ${what}`)
    await pause(wait)
  }
}
