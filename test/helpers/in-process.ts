/** The application as `npm start` builds it, in this process, with a hand on its store and its clock. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp, type Foundation } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { createLog } from '../../src/http/log.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { openStorage } from '../../src/storage/index.ts'
import { readerOf, type Server, type ServerOptions, writeConfig } from './server.ts'

export interface InProcess extends Server {
  config: Config
  foundation: Foundation
  app: App
  /** ms: puts the store's clock ahead, by which everything goes that stops people */
  advance(by: number): void
  /** as after a new start of the process: nothing is remembered but what is stored */
  restart(): Promise<void>
}

export interface InProcessOptions extends Pick<ServerOptions, 'config' | 'clients' | 'files'> {
  /** the store's clock stands still but for `advance` */
  still?: boolean
  /** false: as on the internet, where networks are told apart; without demo app and mailbox */
  loopback?: boolean
  /** instead of those that we bring along */
  rules?: Config['rules']
  /** so many servers over one store, by turns, as behind a load balancer: what one of them remembers the others do not know */
  servers?: number
}

export async function startInProcess({ config: settings = {}, clients = [], files = {}, still = false, loopback = true, rules, servers = 1 }: InProcessOptions = {}): Promise<InProcess> {
  // It has its port before there is an app, whose issuer names it: nobody can come in between.
  const server = createServer({ keepAliveTimeout: 75_000 }).listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `http://localhost:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-in-process-'))
  await writeConfig(join(folder, 'config'), { issuer, ...settings }, clients, files)
  const outcome = await loadConfig({ folder: join(folder, 'config'), env: { PORT: String(port) } })
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems))
  const config = { ...outcome.config, loopback, ...(rules && { rules }) }

  let ahead = 0
  const startedAt = Date.now()
  const now = () => (still ? startedAt : Date.now()) + ahead
  const log: string[] = []
  const keyring = await openKeyring(join(folder, 'data'))
  const storage = await openStorage({ kind: 'embedded', folder: join(folder, 'data') }, { now })
  const foundation: Foundation = {
    storage,
    keyring,
    log: createLog({ destination: { write: line => void log.push(line) } }),
    metrics: createMetrics({ outboxDepth: storage.outbox.depth, accounts: storage.tallies.accounts }),
    draining: () => false,
  }
  const start = () => Promise.all(Array.from({ length: servers }, () => createApp(config, foundation)))
  let apps = await start()
  let turn = 0
  server.on('request', (request, response) => apps[turn++ % servers]?.handle(request, response))

  const oneProcess = () => Promise.reject(new Error('it runs in this process: only dispose() ends it'))
  return {
    issuer,
    port,
    folder,
    log,
    pid: process.pid,
    config,
    foundation,
    get app() {
      return apps[0]!
    },
    advance: by => void (ahead += by),
    async restart() {
      const before = apps
      apps = await start()
      await Promise.all(before.map((app) => app.stop()))
    },
    ...readerOf(issuer, log),
    stop: oneProcess,
    kill9: oneProcess,
    start: oneProcess,
    async dispose() {
      server.closeAllConnections()
      server.close()
      await Promise.all(apps.map((app) => app.stop()))
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
