import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { type App, createApp, type Foundation } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { createLog } from '../../src/http/log.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { openStorage } from '../../src/storage/index.ts'
import { freePort } from '../helpers/port.ts'
import { writeConfig } from '../helpers/server.ts'

export interface InProcess {
  issuer: string
  /** the config folder and `data/` are here */
  folder: string
  config: Config
  foundation: Foundation
  app: App
  log: string[]
  /** the store's clock stands still but for this, ms */
  advance(ms: number): void
}

/** The whole app in this process, with a hand on the store and its clock. */
export async function startInProcess(t: Pick<ExecutionContext, 'teardown'>, { config: server = {}, clients = [] }: { config?: Record<string, unknown>; clients?: Record<string, unknown>[] } = {}): Promise<InProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-secrecy-'))
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  await writeConfig(join(folder, 'config'), { issuer, ...server }, clients)
  const loaded = await loadConfig({ folder: join(folder, 'config'), env: { PORT: String(port) } })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))

  let now = Date.now()
  const log: string[] = []
  const data = join(folder, 'data')
  const keyring = await openKeyring(data)
  const storage = await openStorage({ kind: 'embedded', folder: data }, { now: () => now })
  const foundation: Foundation = {
    storage,
    keyring,
    log: createLog({ destination: { write: line => void log.push(line) } }),
    metrics: createMetrics(),
    draining: () => false,
  }
  const app = await createApp(loaded.config, foundation)
  const listener = createServer(app.handle).listen(port, 'localhost')
  await once(listener, 'listening')
  t.teardown(async () => {
    listener.close()
    listener.closeAllConnections()
    await app.stop()
    await storage.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { issuer, folder, config: loaded.config, foundation, app, log, advance: ms => void (now += ms) }
}
