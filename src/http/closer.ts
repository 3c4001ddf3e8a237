import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** ms that requests under way have once the end has begun */
const grace = 9_000

/**
 * Returns what ends a server: no new connections, and those with a request under way have some seconds to finish it. Every
 * other connection ends at once, the ones too that browsers open ahead of need and that have not asked for anything yet.
 */
export function createCloser(server: Server): () => Promise<void> {
  const untouched = new Set<Socket>()
  let closing = false
  server.on('connection', (socket: Socket) => {
    untouched.add(socket)
    socket.once('close', () => untouched.delete(socket))
  })
  server.prependListener('request', ({ socket }, response) => {
    untouched.delete(socket)
    if (closing) response.shouldKeepAlive = false
    else response.once('close', () => closing && server.closeIdleConnections())
  })

  return () =>
    new Promise((resolve) => {
      closing = true
      const late = setTimeout(() => server.closeAllConnections(), grace)
      server.close(() => {
        clearTimeout(late)
        resolve()
      })
      for (const socket of untouched) if (socket.bytesRead === 0) socket.destroy()
    })
}
