/** What becomes of passkey dialogs, as operators see it: told by forms and by reports, in the log, the metrics and the store. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { CeremonyEntry } from '../../src/storage/types.ts'
import { createApp, shop } from '../helpers/app.ts'
import { countCommits } from '../helpers/commits.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const id = '0123456789abcdef'
const capabilities = { script: true, webauthn: true, platform: true, conditional: true, immediate: false }
const started = { ceremony: 'get', mediation: 'modal', outcome: 'started', id, capabilities }

async function setUp(t: ExecutionContext, options: InProcessOptions = {}) {
  const server = await startInProcess({ clients: [shop], ...options })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const { storage, metrics } = server.foundation
  return {
    server,
    arrive: async (visitor: Visitor) => visitor.arrive(await app.authorize({ prompt: 'login' })),
    /** oldest first */
    events: async () => (await storage.ceremonies.query({ limit: 1000 })).reverse(),
    counted: async () => (await metrics.render()).split('\n').filter((line) => line.startsWith('latchkey_passkey_')),
    logged: () => server.log.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => 'ceremony' in line || line['reason'] !== undefined),
  }
}

const csrfOf = (page: Page): string => page.passkeyForm('get').values['csrf'] ?? ''

/** One report, as the page's script sends it. */
function report(visitor: Visitor, page: Page, body: unknown, { headers = {}, path }: { headers?: Record<string, string>; path?: string } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const own = { 'content-type': 'application/json', 'x-csrf-token': path === undefined ? csrfOf(page) : (/name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '') }
  return visitor.browser.post(page, path ?? `${page.url.pathname}/passkey/report`, text, { ...own, ...headers })
}

/** Somebody with a passkey, at the first page of a new sign-in. */
async function owner(arrive: (visitor: Visitor) => Promise<Page>, server: InProcess) {
  const visitor = createVisitor(server)
  await visitor.createPasskey(await visitor.signUp(await arrive(visitor)))
  return { visitor, page: await arrive(visitor) }
}

const plain = ({ id: _, at: __, expiresAt: ___, deviceHash, accountId, ...entry }: CeremonyEntry) => ({ ...entry, knows: [deviceHash && 'device', accountId && 'account'].filter(Boolean).join() })

test('a dialog that opened and was answered: two events of one name, stored and counted', async (t) => {
  const { server, arrive, events, counted } = await setUp(t)
  const { visitor, page } = await owner(arrive, server)
  t.is((await report(visitor, page, started)).status, 204)
  const form = page.passkeyForm('get')
  const response = visitor.authenticator.get(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })
  t.true((await visitor.browser.submit(page, form, { values: { response: JSON.stringify(response), ceremony: id, mediation: 'immediate', elapsed: '812' } })).elsewhere)

  const here = { clientId: 'shop', browser: 'Chrome', platform: 'Linux' }
  const [made, ...used] = (await events()).map(plain)
  t.like(made, { ...here, ceremony: 'create', mediation: 'modal', outcome: 'ok', provider: 'other', knows: 'device,account' })
  t.deepEqual(used, [
    { ...here, ceremony: 'get', mediation: 'modal', outcome: 'started', ceremonyId: id, capabilities: ['script', 'webauthn', 'platform', 'conditional'], knows: 'device' },
    { ...here, ceremony: 'get', mediation: 'immediate', outcome: 'ok', ceremonyId: id, elapsed: 812, place: 'here', provider: 'other', knows: 'device,account' },
  ])
  const lines = await counted()
  for (const line of [
    'latchkey_passkey_ceremonies_total{ceremony="create",mediation="modal",outcome="ok",browser="Chrome",platform="Linux",provider="other"} 1',
    'latchkey_passkey_ceremonies_total{ceremony="get",mediation="modal",outcome="started",browser="Chrome",platform="Linux",provider="unknown"} 1',
    'latchkey_passkey_ceremonies_total{ceremony="get",mediation="immediate",outcome="ok",browser="Chrome",platform="Linux",provider="other"} 1',
    'latchkey_passkey_offers_total{outcome="shown",occasion="sign_up"} 1',
    'latchkey_passkey_offers_total{outcome="created",occasion="sign_up"} 1',
  ]) t.true(lines.includes(line), `${line} is not among\n${lines.join('\n')}`)
})

// Serial: what other tests of this file write meanwhile would be counted too.
test.serial('the event of a sign-in adds no commit to it', async (t) => {
  const counter = countCommits(DatabaseSync.prototype)
  const { server, arrive, events } = await setUp(t)
  counter.stop()
  const { storage } = server.foundation
  // What rules decide is written by itself, and not at each sign-in.
  Object.assign(storage.rules, { append: async () => {} })
  const { visitor } = await owner(arrive, server)
  async function commitsOfSignIn(): Promise<number> {
    const page = await arrive(visitor)
    const form = page.passkeyForm('get')
    const response = visitor.authenticator.get(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })
    const before = counter.commits()
    await visitor.browser.submit(page, form, { values: { response: JSON.stringify(response) } })
    return counter.commits() - before
  }
  /** On a busy machine writes that belong together may miss each other. */
  async function fewest(): Promise<number> {
    const counts: number[] = []
    for (let tries = 0; tries < 5; tries++) counts.push(await commitsOfSignIn())
    return Math.min(...counts)
  }
  const kept = (await events()).length
  const withEvent = await fewest()
  t.is((await events()).length, kept + 5)
  Object.assign(storage.ceremonies, { append: async () => {} })
  t.is(withEvent, await fewest())
})

test('a dialog that was closed: what the browser says of it, in one line with the reference', async (t) => {
  const { server, arrive, events, logged } = await setUp(t)
  const { visitor, page } = await owner(arrive, server)
  await report(visitor, page, started)
  const values = { error: 'NotAllowedError', elapsed: '4100', ceremony: id, mediation: 'modal', capabilities: JSON.stringify(capabilities) }
  t.is((await visitor.browser.submit(page, page.passkeyForm('get'), { values })).status, 200)
  const line = logged().find(({ error }) => error !== undefined)
  t.like(line, { reason: 'closed', error: 'NotAllowedError', elapsed: 4100, ceremonyId: id, mediation: 'modal', browser: 'Chrome', platform: 'Linux', clientId: 'shop' })
  t.regex(String(line?.['reference']), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  t.deepEqual((await events()).slice(-2).map(({ outcome, ceremonyId }) => [outcome, ceremonyId]), [['started', id], ['closed', id]])

  server.advance(11 * 60_000)
  t.is((await report(visitor, page, { ...started, outcome: 'failed', error: 'SecurityError', elapsed: 3, id: 'f'.repeat(16), mediation: 'conditional' })).status, 204)
  t.like(logged().at(-1), { reason: 'wrong_domain', error: 'SecurityError', mediation: 'conditional', ceremonyId: 'f'.repeat(16), capabilities: ['script', 'webauthn', 'platform', 'conditional'] })
})

test('a report of another shape, too long, or from elsewhere is refused and leaves nothing', async (t) => {
  const { server, arrive, events, counted } = await setUp(t)
  const visitor = createVisitor(server)
  const page = await arrive(visitor)
  const stranger = createVisitor(server)
  const foreign = await arrive(stranger)
  const send = (body: unknown, headers: Record<string, string> = {}) => report(visitor, page, body, { headers })
  const long = JSON.stringify({ ...started, error: 'x'.repeat(2_048) })
  const refused: [string, number, () => ReturnType<typeof send>][] = [
    ['no token', 403, () => send(started, { 'x-csrf-token': '' })],
    ['a wrong token', 403, () => send(started, { 'x-csrf-token': 'A'.repeat(43) })],
    ['the token of another sign-in', 403, () => send(started, { 'x-csrf-token': csrfOf(foreign) })],
    ['Origin: null', 403, () => send(started, { origin: 'null' })],
    ['another site', 403, () => send(started, { 'sec-fetch-site': 'cross-site' })],
    ['the cookies of another browser', 400, () => report(stranger, page, started)],
    ['no JSON', 400, () => send('{"ceremony"')],
    ['a list', 400, () => send([started])],
    ['nothing', 400, () => send('null')],
    ['a field more', 400, () => send({ ...started, email: visitor.email })],
    ['an outcome of the server', 400, () => send({ ...started, outcome: 'ok' })],
    ['a form', 400, () => send(`csrf=${csrfOf(page)}&ceremony=get&mediation=modal&outcome=started&id=${id}`, { 'content-type': 'application/x-www-form-urlencoded' })],
    ['text', 415, () => send(JSON.stringify(started), { 'content-type': 'text/plain' })],
    ['too long', 413, () => send(long)],
    ['too long, in chunks', 413, () => fetch(new URL(`${page.url.pathname}/passkey/report`, server.issuer), {
      method: 'POST', body: new Blob([long]).stream(), duplex: 'half',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrfOf(page), cookie: visitor.browser.cookies.header(page.url, { method: 'POST' }) },
    } as RequestInit).then(async (answer) => ({ status: answer.status, headers: {}, body: await answer.text() }))],
  ]
  for (const [what, status, act] of refused) t.is((await act()).status, status, what)
  t.deepEqual(await events(), [])
  t.false((await counted()).some((line) => line.includes('"started"')))
  t.false(server.log.some((line) => line.includes(visitor.email)))
  t.is((await send(started)).status, 204, 'and the page still works')
})

test('so many are kept of a network and of a login; whoever sends more is told nothing else', async (t) => {
  const { server, arrive, events, counted } = await setUp(t, { loopback: false })
  const visitor = createVisitor(server)
  const page = await arrive(visitor)
  const statuses = new Set<number>()
  for (let index = 0; index < 55; index++) statuses.add((await report(visitor, page, started)).status)
  t.is((await events()).length, 50)
  for (let people = 0; people < 6; people++) {
    const other = createVisitor(server)
    const first = await arrive(other)
    for (let index = 0; index < 45; index++) statuses.add((await report(other, first, started)).status)
  }
  t.deepEqual([...statuses], [204])
  t.is((await events()).length, 50 + (300 - 55), 'of 325 requests the network has had 300 looked at')
  t.true((await counted()).includes(`latchkey_passkey_reports_dropped_total ${325 - 295}`))
})

test('dialogs that fail by the thousand are counted, and so many kept', async (t) => {
  const { server, arrive, events, counted } = await setUp(t, { loopback: false })
  const visitor = createVisitor(server)
  const page = await arrive(visitor)
  const { storage } = server.foundation
  const { update } = storage.ephemeral
  storage.ephemeral.update = (key, fn) => (key.startsWith('throttle:passkey_event:') ? update(key, () => fn({ count: 300, until: storage.clock.now() + 60_000 } as never)) : update(key, fn))
  t.teardown(() => void (storage.ephemeral.update = update))
  await server.restart()
  await visitor.browser.submit(page, page.passkeyForm('get'), { values: { error: 'NotAllowedError', elapsed: '5000' } })
  t.deepEqual(await events(), [])
  t.true((await counted()).some((line) => line.includes('outcome="closed"') && line.endsWith(' 1')))
})

/** Every row of the store but what reports are kept in. */
function everythingElse({ folder }: InProcess): string {
  const database = new DatabaseSync(join(folder, 'data', 'latchkey.db'), { readOnly: true })
  const tables = database.prepare("select name from sqlite_schema where type = 'table' and name <> 'ceremonies'").all().map(({ name }) => String(name))
  const rows = tables.map((name) => [name, database.prepare(`select * from "${name}" ${name === 'ephemeral' ? "where key not like 'passkey reports:%'" : ''}`).all()])
  database.close()
  return JSON.stringify(rows)
}

test('whatever a report says, it decides nothing', async (t) => {
  const { server, arrive, events } = await setUp(t)
  const { visitor, page } = await owner(arrive, server)
  await server.outbox()
  const before = everythingElse(server)
  const pageBefore = (await visitor.browser.open(page.url)).text
  const forged = [
    ...['NotAllowedError', 'SecurityError', 'InvalidStateError', 'nonsense'].flatMap((error) => (['get', 'create'] as const).map((ceremony) => ({ ...started, ceremony, outcome: 'failed', error, elapsed: 40_000 }))),
    ...['conditional', 'immediate', 'automatic'].map((mediation) => ({ ...started, mediation, capabilities: { webauthn: false, platform: false } })),
    { ...started, outcome: 'signal_failed' },
  ]
  for (const body of [...forged, ...forged]) t.is((await report(visitor, page, body)).status, 204)
  t.is((await events()).filter(({ outcome }) => outcome !== 'ok').length, 2 * forged.length)
  t.is(everythingElse(server), before, 'no state of a login, budget, device or account has changed')
  t.is((await visitor.browser.open(page.url)).text, pageBefore, 'the page offers what it offered')
  t.true((await visitor.usePasskey(page)).elsewhere, 'the passkey signs in')

  const answers = await Promise.all([visitor.email, 'nobody@example.com'].map(async (email) => {
    const guest = createVisitor(server, { email })
    const sent = await guest.typeEmail(await arrive(guest))
    const { status, headers, body } = await report(guest, await arrive(guest), started)
    return { status, body, names: Object.keys(headers).sort(), heading: sent.heading }
  }))
  t.deepEqual(answers[0], answers[1], 'and tells nobody who has an account')
})

test('the pages of the account report to an address of their own, in the name of who is signed in', async (t) => {
  const { server, arrive, events } = await setUp(t)
  const { visitor, page } = await owner(arrive, server)
  await visitor.usePasskey(page)
  const ways = await visitor.browser.open('/account/ways')
  const path = '/account/passkeys/report'
  const send = (body: unknown, headers: Record<string, string> = {}) => report(visitor, ways, body, { headers, path })
  t.is((await send({ ...started, ceremony: 'create' })).status, 204)
  const [entry] = (await events()).slice(-1)
  t.like(entry, { ceremony: 'create', outcome: 'started', ceremonyId: id })
  t.is((await server.foundation.storage.accounts.get(entry?.accountId ?? ''))?.identifiers[0]?.value, visitor.email)
  const kept = (await events()).length

  t.is((await send(started, { 'x-csrf-token': 'A'.repeat(43) })).status, 403)
  t.is((await send({ ...started, more: 1 })).status, 400)
  t.is((await send(JSON.stringify({ ...started, error: 'x'.repeat(2_048) }))).status, 413)
  visitor.browser.cookies.clear()
  t.is((await send(started)).status, 401)
  t.is((await events()).length, kept)
})
