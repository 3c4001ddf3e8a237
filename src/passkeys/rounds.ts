/** What a process looks after by itself, off the request path. */
export interface Rounds {
  start(): void
  /** lets the round under way finish */
  stop(): Promise<void>
}

/**
 * Runs the tasks one after the other, again and again; the timer keeps no process alive. A task that fails is logged and
 * comes round again.
 *
 * @param deps.interval ms between two rounds
 */
export function createRounds(deps: { tasks: (() => Promise<unknown>)[]; interval?: number; log: { error(fields: object, message: string): void } }): Rounds {
  const { tasks, interval = 60_000, log } = deps
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let stopped = false

  async function round(): Promise<void> {
    for (const task of tasks) {
      if (stopped) return
      try {
        await task()
      } catch (err) {
        log.error({ err, task: task.name }, 'a regular task failed')
      }
    }
    later()
  }

  function later(): void {
    if (!stopped) timer = setTimeout(() => (running = round()), interval).unref()
  }

  return {
    start: later,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
