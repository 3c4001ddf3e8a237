/** The application as `npm start` builds it, in this process, with a clock that a test moves. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLog } from '../../src/http/log.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { openStorage } from '../../src/storage/index.ts'
import { eventually } from '../helpers/eventually.ts'
import { freePort } from '../helpers/port.ts'
import { type Mail, type Server, writeConfig } from '../helpers/server.ts'

export interface ClockedServer extends Server {
  /** ms that the store's clock is ahead of the machine's; everything that stops people goes by the store's */
  shift(by: number): void
}

const minute = 60_000
export const minutes = (count: number) => count * minute

export async function startClockedServer(clients: Record<string, unknown>[]): Promise<ClockedServer> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-clocked-'))
  await writeConfig(join(folder, 'config'), { issuer }, clients)
  const outcome = await loadConfig({ env: { PORT: String(port), LATCHKEY_CONFIG: join(folder, 'config') } })
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems))

  let ahead = 0
  const keyring = await openKeyring(join(folder, 'data'))
  const storage = await openStorage({ kind: 'embedded', folder: join(folder, 'data') }, { now: () => Date.now() + ahead })
  const log: string[] = []
  const app = await createApp(outcome.config, {
    storage,
    keyring,
    log: createLog({ destination: { write: line => void log.push(line) } }),
    metrics: createMetrics({ outboxDepth: storage.outbox.depth }),
    draining: () => false,
  })
  const server = createServer(app.handle)
  server.listen(port, 'localhost')
  await once(server, 'listening')

  const outbox = async () => (await (await fetch(`${issuer}/dev/outbox.json`)).json()) as Mail[]
  const identity = (mail: Mail) => JSON.stringify([mail.at, mail.to, mail.text])
  const oneProcess = () => Promise.reject(new Error('it runs in this process: only dispose() ends it'))
  return {
    issuer,
    port,
    folder,
    log,
    pid: process.pid,
    shift(by) {
      ahead += by
    },
    outbox,
    mailTo(address, known = []) {
      const seen = new Set(known.map(identity))
      return eventually(`a mail to ${address}`, async () => (await outbox()).find(mail => mail.to === address && !seen.has(identity(mail))))
    },
    logLineWith: text => eventually(`a log line with ${text}`, async () => log.find(line => line.includes(text))),
    stop: oneProcess,
    kill9: oneProcess,
    start: oneProcess,
    async dispose() {
      server.closeAllConnections()
      server.close()
      await app.stop()
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
