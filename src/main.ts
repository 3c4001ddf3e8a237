import { createServer, type Server } from 'node:http'
import { createApp, type App, type Foundation } from './app.ts'
import { formatProblem, loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { AppError, StartError } from './errors.ts'
import { createCloser } from './http/closer.ts'
import { createLog } from './http/log.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createMetricsServer } from './ops/routes.ts'
import { assertRpIdUnchanged, learnAuthenticators, readKeptList } from './passkeys/index.ts'
import { openKeyring } from './secrets/keyring.ts'
import { openStorage } from './storage/index.ts'
import { watchStorage } from './metrics/storage.ts'

/** ms. Longer than a proxy in front keeps a connection unused (60 s is usual): it must not send into one that is being closed. */
const keepAliveTimeout = 75_000

async function main(): Promise<void> {
  const config = await configured()
  const log = createLog()
  const folder = process.env.LATCHKEY_DATA || 'data'
  const keyring = await openKeyring(folder)
  const opened = await openStorage({ ...config.storage, folder }).catch((error: unknown) => {
    throw error instanceof AppError ? storageProblem(folder, error) : error
  })
  await assertRpIdUnchanged(opened, config.passkeys.rpId).catch((error: Error) => {
    throw new StartError(error.message)
  })
  learnAuthenticators(await readKeptList(folder).catch((error: Error) => {
    log.warn(`${error.message}: the names that we bring along are used. Load the list again: npm run aaguids:update`)
    return undefined
  }))
  let draining = false
  const metrics = createMetrics({ outboxDepth: opened.outbox.depth, accounts: opened.tallies.accounts })
  const foundation: Foundation = { storage: watchStorage(opened, metrics), keyring, log, metrics, draining: () => draining }

  let app = await createApp(config, foundation)
  // A loopback issuer is for this machine alone, by either of its addresses: codes are readable at /dev/outbox.
  const hosts = config.loopback ? ['127.0.0.1', '::1'] : [undefined]
  const servers = hosts.map(() => createServer({ keepAliveTimeout }))
  const closers = servers.map((server) => {
    server.on('request', (request, response) => app.handle(request, response))
    return createCloser(server)
  })
  const metricsServer = config.server.metricsPort === undefined ? undefined : createMetricsServer(metrics)
  for (const [index, server] of servers.entries()) await listen(server, config.server.port, hosts[index])
  if (metricsServer) await listen(metricsServer, config.server.metricsPort ?? 0, config.loopback ? '127.0.0.1' : undefined)
  announce(config)

  process.on('SIGHUP', () => void reload())
  // A terminal's Ctrl-C reaches us twice under npm, directly and passed on: the second must not cut the first short.
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())

  let reloading = Promise.resolve()
  /** A new config takes over as a whole or not at all; requests under way end on the old one. */
  function reload(): Promise<void> {
    reloading = reloading.then(async () => {
      if (draining) return
      const outcome = await loadConfig({ env: process.env })
      if ('problems' in outcome) return log.error({ problems: outcome.problems.map(formatProblem) }, 'config not reloaded: nothing has changed')
      const fixed = unchangeable(config, outcome.config)
      if (fixed) return log.error({ problems: [fixed] }, 'config not reloaded: nothing has changed')
      const before: App = app
      app = await createApp(outcome.config, foundation)
      await before.stop()
      log.info({ clients: outcome.config.clients.length, warnings: outcome.warnings }, 'config reloaded')
    }).catch((err: unknown) => log.error({ err }, 'config not reloaded: nothing has changed'))
    return reloading
  }

  async function stop(): Promise<void> {
    if (draining) return
    draining = true
    log.info('stopping: requests under way are finished first')
    let code = 0
    try {
      await Promise.all(closers.map((close) => close()))
      metricsServer?.close()
      await reloading
      await app.stop()
      await foundation.storage.close()
      log.info('stopped')
    } catch (err) {
      log.error({ err }, 'stopped badly')
      code = 1
    }
    log.flush(() => process.exit(code))
  }
}

async function configured(): Promise<Config> {
  const outcome = await loadConfig({ env: process.env })
  if ('problems' in outcome) {
    throw new StartError(`the config has ${outcome.problems.length === 1 ? 'a problem' : `${outcome.problems.length} problems`}:\n${outcome.problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`)
  }
  for (const warning of outcome.warnings) console.warn(`warning: ${warning}`)
  return outcome.config
}

/** What a running process cannot change: it listens there, and its store and passkeys belong to it. */
function unchangeable(before: Config, after: Config): string | undefined {
  const fixed: [name: string, of: (config: Config) => unknown][] = [
    ['issuer', ({ issuer }) => issuer],
    ['server.port', ({ server }) => server.port],
    ['server.metricsPort', ({ server }) => server.metricsPort],
    ['passkeys.rpId', ({ passkeys }) => passkeys.rpId],
  ]
  const changed = fixed.find(([, of]) => of(before) !== of(after))
  return changed && `${changed[0]} has changed: that needs a restart`
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      // Not every machine has IPv6.
      if (host === '::1' && (cause.code === 'EADDRNOTAVAIL' || cause.code === 'EAFNOSUPPORT')) return resolve()
      reject(listenProblem(cause, port))
    })
    server.listen({ port, ...(host !== undefined && { host }) }, resolve)
  })
}

function listenProblem(cause: NodeJS.ErrnoException, port: number): StartError {
  if (cause.code === 'EADDRINUSE') return new StartError(`port ${port} is taken: stop the other program, or start with another one: PORT=${port + 1} npm start`, cause)
  if (cause.code === 'EACCES') return new StartError(`port ${port} may not be used by this user: choose one above 1023 with PORT`, cause)
  return new StartError(`cannot listen on port ${port} (${cause.code ?? cause.message})`, cause)
}

function storageProblem(folder: string, { message, cause }: AppError): StartError {
  const detail = cause instanceof Error && !/: E[A-Z]+$/.test(message) ? ` (${cause.message})` : ''
  return new StartError(`the data folder ${folder} cannot be used: ${message}${detail}. Make it writable for this user, restore it from a backup, or set LATCHKEY_DATA to another one.`, cause)
}

function announce(config: Config): void {
  const reload = `SIGHUP to process ${process.pid} reloads the config`
  if (!config.loopback) return console.log(`Latchkey is at ${config.issuer} (listening on port ${config.server.port}; ${reload})`)
  console.log(`
  Latchkey is at ${config.issuer}

  Try it:       ${config.issuer}/demo
${config.builtInMailbox ? `  Mailbox:      ${config.issuer}/dev/outbox\n` : ''}  For your app: ${config.issuer}/.well-known/openid-configuration

  ${reload}.
`)
}

main().catch((error: unknown) => {
  // What an operator can mend is one line; anything else is a fault of ours and shows where.
  console.error(error instanceof StartError ? `Latchkey cannot start: ${error.message}` : error)
  process.exit(1)
})
