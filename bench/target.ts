import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../test/helpers/eventually.ts'
import { freePort } from '../test/helpers/port.ts'
import { writeConfig } from '../test/helpers/server.ts'
import packageJson from '../package.json' with { type: 'json' }
import { client } from './client.ts'

const root = new URL('..', import.meta.url)

/** What `npm start` gives to Node. */
const startArguments = packageJson.scripts.start.split(' ').slice(2)

/** A server under measurement, in a process of its own. */
export interface Target {
  issuer: string
  /** from its discovery document */
  endpoints: Endpoints
  pid: number
  /** ms from the start of the process to its first answer */
  startTime: number
  stop(): Promise<void>
}

export interface Endpoints {
  authorization_endpoint: string
  token_endpoint: string
  userinfo_endpoint: string
  introspection_endpoint: string
}

/** The engine alone (bare.ts). */
export async function startBare(): Promise<Target> {
  const port = await freePort()
  return start(`http://localhost:${port}`, ['bench/bare.ts', String(port)], {})
}

/**
 * Latchkey as `npm start` runs it: SQLite at `synchronous=FULL`, logs, metrics and all.
 *
 * @param prepare fills the data folder before the start
 */
export async function startOurs(prepare: (dataFolder: string, issuer: string) => Promise<void> = async () => {}): Promise<Target> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'))
  const [data, config] = [join(folder, 'data'), join(folder, 'config')]
  await writeConfig(config, { issuer }, [{ ...client, latchkey: { firstParty: true } }])
  await prepare(data, issuer)
  const env = { PORT: String(port), LATCHKEY_DATA: data, LATCHKEY_CONFIG: config }
  const target = await start(issuer, startArguments, env)
  return {
    ...target,
    async stop() {
      await target.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function start(issuer: string, script: string[], env: Record<string, string>): Promise<Target> {
  const started = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...script], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'close')
  const endpoints = await eventually(`an answer of ${script[0]}`, async () => {
    if (child.exitCode !== null) throw new Error(`${script[0]} ended with ${child.exitCode}`)
    const answer = await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => undefined)
    return answer?.ok ? ((await answer.json()) as Endpoints) : undefined
  })
  return {
    issuer,
    endpoints,
    pid: child.pid ?? Number.NaN,
    startTime: Math.round(performance.now() - started),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
