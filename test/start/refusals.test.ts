/** What keeps the server from starting: one line for the operator, saying what and what to do, and exit code 1. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { openStorage } from '../../src/storage/index.ts'
import { createApp, shop } from '../helpers/app.ts'
import { freePort } from '../helpers/port.ts'
import { startServer, writeConfig } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { launch, temporary } from './process.ts'

async function refused(t: ExecutionContext, invocation: Parameters<typeof launch>[0], { lines = 1 } = {}): Promise<string> {
  const { code, out, error } = await launch(invocation).ended
  t.is(code, 1)
  t.is(out, '', 'nothing but the error is printed')
  t.regex(error, /^Latchkey cannot start: /)
  t.is(error.trimEnd().split('\n').length, lines, error)
  t.notRegex(error, /^\s+at |node:internal|\bError:/m, 'no stack trace')
  return error
}

async function folders(t: ExecutionContext): Promise<{ LATCHKEY_CONFIG: string; LATCHKEY_DATA: string; PORT: string }> {
  const folder = await temporary(t)
  await mkdir(join(folder, 'config'))
  return { LATCHKEY_CONFIG: join(folder, 'config'), LATCHKEY_DATA: join(folder, 'data'), PORT: String(await freePort()) }
}

const config = (env: { LATCHKEY_CONFIG: string }, server: Record<string, unknown>, clients: Record<string, unknown>[] = []) =>
  writeConfig(env.LATCHKEY_CONFIG, server, clients)

test('the port is taken', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const error = await refused(t, { env: { ...(await folders(t)), PORT: String(port) } })
  t.true(error.includes(`port ${port} is taken`))
  t.true(error.includes(`PORT=${port + 1} npm start`), 'it says what to do')
})

test('the data folder cannot be made', async t => {
  const env = await folders(t)
  await writeFile(env.LATCHKEY_DATA, 'a file, where a folder should be')
  const error = await refused(t, { env })
  t.true(error.includes(env.LATCHKEY_DATA))
  t.regex(error, /LATCHKEY_DATA/)
})

test('the keys are there, but the database cannot be opened', async t => {
  const env = await folders(t)
  await mkdir(join(env.LATCHKEY_DATA, 'latchkey.db'), { recursive: true })
  const error = await refused(t, { env })
  t.true(error.includes(join(env.LATCHKEY_DATA, 'latchkey.db')))
  t.regex(error, /LATCHKEY_DATA/)
})

test('the database is something else', async t => {
  const env = await folders(t)
  await mkdir(env.LATCHKEY_DATA)
  await writeFile(join(env.LATCHKEY_DATA, 'latchkey.db'), 'not a database, '.repeat(100))
  t.regex(await refused(t, { env }), /data folder .* cannot be used: .*file is not a database.*LATCHKEY_DATA/)
})

test('every problem of the config is listed, each with file, line and what is allowed', async t => {
  const env = await folders(t)
  await config(env, { isuer: 'http://localhost', sessions: { idle: 'soon' } }, [{ client_id: 'shop', redirect_uris: ['nowhere'] }])
  const error = await refused(t, { env }, { lines: 5 })
  t.regex(error, /the config has 4 problems:/)
  t.regex(error, /latchkey\.yaml:1 .*isuer.*issuer/)
  t.regex(error, /latchkey\.yaml:3 .*sessions\.idle.*allowed:/)
  t.regex(error, /clients\/shop\.yaml:3 .*redirect_uris/)
})

test('a config folder that is named and not there', async t => {
  const env = await folders(t)
  t.regex(await refused(t, { env: { ...env, LATCHKEY_CONFIG: join(env.LATCHKEY_CONFIG, 'nowhere') } }, { lines: 2 }), /nowhere .*does not exist/)
})

test('a PORT that is none', async t => {
  t.regex(await refused(t, { env: { ...(await folders(t)), PORT: 'http' } }, { lines: 2 }), /PORT/)
})

test('an issuer that people reach from elsewhere needs a mail server', async t => {
  const env = await folders(t)
  await config(env, { issuer: 'https://login.example.com' })
  t.regex(await refused(t, { env }, { lines: 2 }), /mail\.smtp/)
})

test('an RP ID under which the passkeys would be lost', async t => {
  const server = await startServer({ clients: [shop] })
  t.teardown(() => server.dispose())
  const visitor = createVisitor(server)
  const authorization = await (await createApp(server.issuer, shop)).authorize()
  await visitor.createPasskey(await visitor.signUp(await visitor.arrive(authorization)))
  await server.stop()

  const env = await folders(t)
  const moved = { issuer: 'https://id.example.com', server: { trustedProxies: ['127.0.0.1'] }, mail: { smtp: 'smtp://localhost:9' } }
  await config(env, moved)
  const error = await refused(t, { env: { ...env, LATCHKEY_DATA: join(server.folder, 'data') } })
  t.regex(error, /passkeys\.rpId is "id\.example\.com".*passkeys made for "localhost".*Set passkeys\.rpId back to "localhost"/)

  const storage = await openStorage({ kind: 'embedded', folder: join(server.folder, 'data') })
  t.truthy(await storage.identifiers.get(`email:${visitor.email}`), 'and nothing is lost')
  await storage.close()
})

test('a database that a newer version has written', async t => {
  const env = await folders(t)
  await mkdir(env.LATCHKEY_DATA)
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(join(env.LATCHKEY_DATA, 'latchkey.db'))
  database.exec('pragma user_version = 999')
  database.close()
  t.regex(await refused(t, { env }), /schema 999.*newer version/)
})

/** A Node from before 24 where the machine has one; else this one, saying that it is older. */
function oldNode(): { node?: string; nodeOptions?: string[] } {
  const system = '/usr/bin/node'
  try {
    const major = Number(execFileSync(system, ['-p', 'process.versions.node.split(".")[0]'], { stdio: ['ignore', 'pipe', 'ignore'] }))
    if (major < 24) return { node: system }
  } catch {
    // not there
  }
  const says = `Object.defineProperties(process, { version: { value: 'v20.1.0' }, versions: { value: { ...process.versions, node: '20.1.0' } } })`
  return { nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(says)}`] }
}

test('a Node that is too old', async t => {
  const env = await folders(t)
  const error = await refused(t, { env, ...oldNode() })
  t.regex(error, /Node v\d+\.\d+\.\d+ is too old\. Run "npm install"/)
  t.deepEqual(await readdir(join(env.LATCHKEY_DATA, '..')), ['config'], 'nothing was made')
})
