import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { environment } from './environment.ts'
import { eventually } from './eventually.ts'
import { freePort } from './port.ts'

const root = new URL('../../', import.meta.url)

export interface ServerOptions {
  /** what goes into latchkey.yaml besides the issuer */
  config?: Record<string, unknown>
  /** one file each in config/clients/ */
  clients?: Record<string, unknown>[]
  /** more files of the config folder, by path */
  files?: Record<string, string>
  env?: Record<string, string>
}

/** The line of a mail that is a code. */
export const codeLine = /^\s*(\d{6,8})\s*$/m

/** A mail or a text message, for which subject and HTML are missing. */
export interface Mail {
  channel?: 'mail' | 'sms'
  to: string
  subject: string
  text: string
  html: string
  at: string | number
}

/** The real server, as `npm start` runs it, in a child process with its own data and config folders. */
export interface Server {
  readonly issuer: string
  readonly port: number
  /** temporary: holds `data/` and `config/`, removed by `dispose` */
  readonly folder: string
  /** every line of stdout and stderr since the first start */
  readonly log: string[]
  readonly pid: number
  /** newest first */
  outbox(): Promise<Mail[]>
  /** the newest mail to that address, or text to that number, that is not among those the test knows already and holds what is looked for */
  mailTo(address: string, known?: readonly Mail[], holding?: RegExp): Promise<Mail>
  /** the log line that carries a reference shown on a page; waits for it */
  logLineWith(text: string): Promise<string>
  /** SIGTERM, and waits for the end; resolves to the exit code */
  stop(): Promise<number | null>
  /** SIGKILL: nothing gets a chance to tidy up */
  kill9(): Promise<void>
  start(): Promise<void>
  /** stops it and removes its folder */
  dispose(): Promise<void>
}

export async function startServer({ config = {}, clients = [], files = {}, env = {} }: ServerOptions = {}): Promise<Server> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  await writeConfig(join(folder, 'config'), { issuer, ...config }, clients, files)

  const log: string[] = []
  let child: ChildProcess
  let ended: Promise<number | null>

  async function start() {
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts'], {
      cwd: root,
      env: {
        ...environment(),
        PORT: String(port),
        LATCHKEY_DATA: join(folder, 'data'),
        LATCHKEY_CONFIG: join(folder, 'config'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    ended = once(child, 'close').then(([code]) => code as number | null)
    const ready = Promise.withResolvers<void>()
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', line => {
        log.push(line)
        if (line.includes(issuer)) ready.resolve()
      })
    }
    const died = ended.then(code => Promise.reject(new Error(`the server ended with ${code}:\n${log.join('\n')}`)))
    died.catch(() => {})
    await Promise.race([ready.promise, died])
    await eventually('the server is ready', async () => (await fetch(`${issuer}/readyz`)).ok || undefined)
  }

  async function end(signal: NodeJS.Signals) {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return ended
  }

  await start()
  return {
    issuer,
    port,
    folder,
    log,
    get pid() {
      return child.pid ?? Number.NaN
    },
    ...readerOf(issuer, log),
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL').then(() => {}),
    start,
    async dispose() {
      await end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What is read of a server from outside: its mails and its log. */
export function readerOf(issuer: string, log: string[]): Pick<Server, 'outbox' | 'mailTo' | 'logLineWith'> {
  async function outbox(): Promise<Mail[]> {
    const answer = await fetch(`${issuer}/dev/outbox.json`)
    if (!answer.ok) throw new Error(`/dev/outbox.json answered ${answer.status}`)
    return (await answer.json()) as Mail[]
  }

  return {
    outbox,
    mailTo(address, known = [], holding = /(?:)/) {
      const seen = new Set(known.map(identity))
      return eventually(`a mail to ${address}`, async () =>
        (await outbox()).find(mail => mail.to === address && !seen.has(identity(mail)) && holding.test(mail.text)),
      )
    },
    logLineWith: text => eventually(`a log line with ${text}`, async () => log.find(line => line.includes(text))),
  }
}

/** The outbox has no ids: time, address and text tell mails apart. */
const identity = (mail: Mail) => JSON.stringify([mail.at, mail.to, mail.text])

/** The files of a config folder: the server's, one per client, and others by path. */
export async function writeConfig(folder: string, server: Record<string, unknown>, clients: Record<string, unknown>[], files: Record<string, string> = {}) {
  await mkdir(join(folder, 'clients'), { recursive: true })
  await writeFile(join(folder, 'latchkey.yaml'), stringify(server))
  for (const client of clients) {
    await writeFile(join(folder, 'clients', `${client['client_id']}.yaml`), stringify(client))
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}
