import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { readKeptList } from '../../src/passkeys/index.ts'
import { selfSigned } from '../helpers/certificate.ts'

const script = join(import.meta.dirname, '../../src/commands/aaguids-update.ts')

const yubikey = 'cb69481e-8ff7-4039-93ec-0a2729a154a8'
const svgUri = (inside: string) => `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`).toString('base64')}`
const good = JSON.stringify({ [yubikey]: { name: 'YubiKey 5', icon_light: svgUri('<script>alert(1)</script><path d="M0 0h9"/>'), icon_dark: svgUri('<script/>') } })

/** A data folder with a list from before. */
async function folder(t: ExecutionContext) {
  const data = await mkdtemp(join(tmpdir(), 'latchkey-aaguids-'))
  t.teardown(() => rm(data, { recursive: true }))
  await writeFile(join(data, 'authenticators.json'), 'from before')
  return data
}

const update = (data: string, ...args: string[]) => updateIn({ LATCHKEY_DATA: data }, ...args)

async function updateIn(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], { env: { PATH: process.env['PATH'], ...env } })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode, stdout, stderr }
}

async function serve(t: ExecutionContext, answer: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.json` }
}

async function isUnchanged(t: ExecutionContext, data: string, { code, stdout, stderr }: Awaited<ReturnType<typeof update>>, expected: RegExp, exit = 1) {
  t.regex(stderr, expected)
  t.is(code, exit)
  t.is(stdout, '')
  t.deepEqual(await readdir(data), ['authenticators.json'])
  t.is(await readFile(join(data, 'authenticators.json'), 'utf8'), 'from before')
}

test('a list is loaded from an address, cleaned', async (t) => {
  const data = await folder(t)
  const { url } = await serve(t, (_request, response) => response.end(good))
  const { code, stdout, stderr } = await update(data, '--from', url, '--private-network')
  t.is(stderr, '')
  t.is(code, 0)
  t.is(stdout, `1 authenticators and 1 pictures are in ${join(data, 'authenticators.json')}. The server uses them from its next start on.\nLeft out: 1 picture that is too large, or neither SVG nor PNG; drawings of our own stand in.\n`)
  const list = await readKeptList(data)
  t.is(list?.authenticators[yubikey]?.name, 'YubiKey 5')
  t.deepEqual(Object.values(list?.pictures ?? {}).map((base64) => Buffer.from(base64, 'base64').toString()), ['<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>'])
})

test('or from a file, where there is no internet', async (t) => {
  const data = await folder(t)
  const file = join(await folder(t), 'list.json')
  await writeFile(file, good)
  t.is((await update(data, '--from', file)).code, 0)
  t.is((await readKeptList(data))?.authenticators[yubikey]?.name, 'YubiKey 5')
  await isUnchanged(t, await folder(t), await update(await folder(t), '--from', `${file}.gone`), /^.*list\.json\.gone does not exist\.\n$/)
})

test('what cannot be had is said in one line, and nothing has changed', async (t) => {
  const told = (why: string) => new RegExp(`^The list was not loaded: http://127\\.0\\.0\\.1:\\d+/list\\.json ${why}\\. Nothing has changed\\.\\n$`)
  const late = '1'
  const answers: [RequestListener, RegExp, string?][] = [
    [(_request, response) => response.writeHead(404).end('no'), told('answered 404')],
    [(_request, response) => response.writeHead(500).end(), told('answered 500')],
    [(_request, response) => response.end('<html>'), told('is not JSON')],
    [(_request, response) => response.end('{}'), told('is empty: it may have been given up')],
    [(_request, response) => response.end(JSON.stringify({ [yubikey]: { label: 'YubiKey' } })), told(`is not such a list: "${yubikey}\\.name" .*`)],
    [(_request, response) => response.socket?.destroy(), told('cannot be reached \\(UND_ERR_SOCKET\\)')],
    [(_request, response) => response.writeHead(302, { location: '/other.json' }).end(), told('leads elsewhere, where we do not follow')],
    [(_request, response) => response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end(), told('leads elsewhere, where we do not follow')],
    [(_request, response) => void response.write('{'), told('did not answer in full within 1 s'), late],
    [() => {}, told('did not answer in full within 1 s'), late],
    [(_request, response) => void response.on('error', () => {}).end(Buffer.alloc(10_000_001, 0x20)), told('has more than 10 MB')],
  ]
  for (const [answer, expected, limit = '60'] of answers) {
    const data = await folder(t)
    const { asked, url } = await serve(t, answer)
    await isUnchanged(t, data, await update(data, '--from', url, '--private-network', '--time-limit', limit), expected)
    t.deepEqual(asked, ['/list.json'])
  }
})

test('an address in a private network is not called unless that is said, however trusted', async (t) => {
  const data = await folder(t)
  const { key, cert } = await selfSigned('localhost')
  const trusted = join(await folder(t), 'cert.pem')
  await writeFile(trusted, cert)
  const asked: string[] = []
  const server = createTlsServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '')
    response.end(good)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://localhost:${(server.address() as AddressInfo).port}/list.json`
  const env = { LATCHKEY_DATA: data, NODE_EXTRA_CA_CERTS: trusted }
  await isUnchanged(t, data, await updateIn(env, '--from', url), /is in a private network: allow that by --private-network\. Nothing has changed\.\n$/)
  await isUnchanged(t, data, await updateIn(env, '--from', url.replace('https:', 'http:')), /^The address must start with https:\/\/\.\nusage: /, 2)
  t.deepEqual(asked, [])
  t.is((await updateIn(env, '--from', url, '--private-network')).code, 0)
})

test('what is not understood ends with the usage', async (t) => {
  const data = await folder(t)
  for (const args of [['--form', 'x'], ['x'], ['--from'], ['--time-limit', '0'], ['--time-limit', '1e9'], ['--from', 'https://']]) {
    await isUnchanged(t, data, await update(data, ...args), /usage: npm run aaguids:update -- \[--from ADDRESS\|FILE\]/, 2)
  }
})
