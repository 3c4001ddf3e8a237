import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/**
 * A free TCP port on loopback, outside the range from which the system takes the ports of outgoing connections: the
 * issuer's URL must name the port before the server listens on it. Nobody else who asks here gets it, in whatever
 * process, for as long as this one (or this thread) lives: the UDP port of the same number stands for it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if ((await isOurs(port)) && (await isFree(port))) return port
  }
}

function isOurs(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const claim = createSocket('udp4').unref()
  claim.once('error', () => {
    claim.close()
    resolve(false)
  })
  claim.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  return promise
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen(port, 'localhost', () => probe.close(() => resolve(true)))
  return promise
}
