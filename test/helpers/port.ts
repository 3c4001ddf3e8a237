import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A free TCP port on loopback, outside the range from which the system takes the ports of outgoing connections: the
 * issuer's URL must name the port before the server listens on it, and nothing may slip in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen(port, 'localhost', () => probe.close(() => resolve(true)))
  return promise
}
