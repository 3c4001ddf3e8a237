/** The first start makes everything, the second finds it; and who can reach it. */
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { freePort } from '../helpers/port.ts'
import { startServer } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { launch, temporary } from './process.ts'

test('without any config it says where to go, and keeps its data to itself', async t => {
  const folder = await temporary(t)
  const data = join(folder, 'made', 'by', 'itself')
  const port = await freePort()
  const server = launch({ env: { PORT: String(port), LATCHKEY_DATA: data } })
  t.teardown(() => server.kill('SIGKILL'))
  await server.printed(new RegExp(`Try it: +http://localhost:${port}/demo`))
  await server.printed(new RegExp(`Mailbox: +http://localhost:${port}/dev/outbox`))
  await server.printed(new RegExp(`http://localhost:${port}/\\.well-known/openid-configuration`))
  t.is((await fetch(`http://localhost:${port}/demo`)).status, 200)

  for (const entry of [{ name: '', parentPath: data, isDirectory: () => true }, ...(await readdir(data, { recursive: true, withFileTypes: true }))]) {
    const path = join(entry.parentPath, entry.name)
    t.is(((await stat(path)).mode & 0o777).toString(8), entry.isDirectory() ? '700' : '600', path)
  }

  await t.notThrowsAsync(reaches('127.0.0.1', port))
  if (hasIpv6()) await t.notThrowsAsync(reaches('::1', port))
  const others = Object.values(networkInterfaces()).flatMap(list => list ?? []).filter(({ internal, scopeid }) => !internal && !scopeid)
  if (others.length === 0) t.log('this machine has no other address')
  for (const { address } of others) await t.throwsAsync(reaches(address, port), { code: 'ECONNREFUSED' }, address)

  server.kill('SIGTERM')
  t.is((await server.ended).code, 0)
})

async function reaches(host: string, port: number): Promise<void> {
  const socket = connect({ host, port })
  await once(socket, 'connect')
  socket.destroy()
}

const hasIpv6 = () => Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === '::1'))

test('a second start finds keys, accounts, sessions and logins that had begun', async t => {
  const server = await startServer({ clients: [shop] })
  t.teardown(() => server.dispose())
  const app = await createApp(server.issuer, shop)
  const keys = async () => (await fetch(`${server.issuer}/jwks`)).json()
  const before = await keys()

  const visitor = createVisitor(server)
  const first = await app.authorize({ scope: 'openid email offline_access' })
  const offer = await visitor.signUp(await visitor.arrive(first))
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const tokens = await first.finish(landing.url)
  const newcomer = createVisitor(server)
  const begun = await app.authorize()
  const codePage = await newcomer.typeEmail(await newcomer.arrive(begun))

  t.is(await server.stop(), 0)
  await server.start()
  t.deepEqual(await keys(), before)

  const silent = await app.authorize({ prompt: 'none' })
  const answer = await visitor.arrive(silent)
  t.is((await silent.finish(answer.url)).claims()?.sub, tokens.claims()?.sub, 'the session')
  t.is((await app.userinfo(tokens)).email, visitor.email, 'the access token')
  t.truthy((await app.refresh(tokens)).access_token, 'the refresh token')

  const proven = await newcomer.typeCode(codePage)
  t.is(proven.heading, `Create an account for ${newcomer.email}?`, 'the code that was mailed before')
})
