/** What anybody can send without end must not fill the store. */
import test, { type ExecutionContext } from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { postTo, signUpByCode } from '../bad-input/refused.ts'

async function start(t: ExecutionContext, options: InProcessOptions = {}): Promise<InProcess> {
  const server = await startInProcess({ clients: [shop], ...options })
  t.teardown(() => server.dispose())
  return server
}

const audited = async ({ foundation }: InProcess, type: string) => (await foundation.storage.audit.query({ limit: 1000 })).filter((entry) => entry.type === type)

const failures = async ({ foundation }: InProcess) =>
  (await foundation.storage.audit.query({ limit: 1000 })).filter(({ type }) => type === 'sign_in.failed').length

test('passkey answers that are junk are throttled, and those above the limit leave no trace', async (t) => {
  const server = await start(t, { loopback: false })
  const visitor = createVisitor(server)
  const page = await visitor.arrive(await (await createApp(server.issuer, shop)).authorize())
  const body = new URLSearchParams({ ...page.passkeyForm('get').values, response: '{"junk":true}' }).toString()
  const statuses: number[] = []
  for (let i = 0; i < 105; i++) {
    statuses.push((await visitor.browser.post(page, `${page.url.pathname}/passkey`, body, { 'content-type': 'application/x-www-form-urlencoded' })).status)
  }
  t.deepEqual([...new Set(statuses.slice(0, 100))], [303])
  t.deepEqual([...new Set(statuses.slice(100))], [429])
  t.is(await failures(server), 100)
})

test('passkey dialogs that are closed without end are so many events, and no more', async (t) => {
  const server = await start(t, { loopback: false })
  const visitor = createVisitor(server)
  const page = await visitor.arrive(await (await createApp(server.issuer, shop)).authorize())
  const body = new URLSearchParams({ ...page.passkeyForm('get').values, error: 'NotAllowedError', elapsed: '5000' }).toString()
  for (let n = 0; n < 310; n++) await visitor.browser.post(page, `${page.url.pathname}/passkey`, body, { 'content-type': 'application/x-www-form-urlencoded' })
  t.is((await server.foundation.storage.ceremonies.query({ limit: 1000 })).length, 300)
  t.regex(await server.foundation.metrics.render(), /^latchkey_passkey_ceremonies_total\{[^}]*outcome="closed"[^}]*\} 310$/m)
})

test('an authorization request is short, or it is not stored', async (t) => {
  const server = await start(t)
  const visitor = createVisitor(server)
  const { url } = await (await createApp(server.issuer, shop)).authorize()
  t.is((await visitor.browser.open(url)).status, 200)

  url.searchParams.set('state', 'x'.repeat(12_000))
  const refused = await visitor.browser.open(url)
  t.is(refused.status, 400)
  t.regex(refused.heading, /sent us something we cannot use/)
  t.true((await server.logLineWith('"error":"client_setup"')).length < 1_000)
})

test('neither when it is pushed', async (t) => {
  const server = await start(t)
  const { url } = await (await createApp(server.issuer, shop)).authorize()
  const authorization = `Basic ${Buffer.from(`shop:${encodeURIComponent(shop.client_secret)}`).toString('base64')}`
  const send = (path: string, body: BodyInit) =>
    fetch(server.issuer + path, { method: 'POST', body, redirect: 'manual', headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' }, duplex: 'half' } as RequestInit)
  t.is((await send('/request', url.searchParams.toString())).status, 201)

  url.searchParams.set('state', 'x'.repeat(12_000))
  for (const path of ['/request', '/Request']) {
    t.is((await send(path, url.searchParams.toString())).status, 400, path)
    t.is((await send(path, new Blob([url.searchParams.toString()]).stream())).status, 400, `${path} in chunks`)
  }
})

test('what somebody without an account leaves behind is soon gone', async (t) => {
  const server = await start(t)
  const { artifacts, clock } = server.foundation.storage
  const ends: number[] = []
  const { upsert } = artifacts
  artifacts.upsert = (model, key, payload, index, expiresAt) => {
    if (model === 'Session') ends.push((expiresAt ?? Infinity) - clock.now())
    return upsert(model, key, payload, index, expiresAt)
  }
  t.is((await fetch(`${server.issuer}/session/end?state=${'x'.repeat(3_000)}`, { redirect: 'manual' })).status, 303)
  t.is(ends.length, 1)
  t.true(ends.every((life) => life <= 61 * 60_000), ends.join())
  const person = createVisitor(server)
  await signUpByCode(person, await createApp(server.issuer, shop))
  t.true(ends.at(-1)! > 61 * 60_000, 'whoever has signed in stays')
})

test('addresses typed at the sign-up are throttled before the rules keep what they decide', async (t) => {
  const rules = [{ name: 'no', on: ['sign_up' as const], when: { all: [] }, then: ['deny' as const], because: 'nobody' }]
  const server = await start(t, { loopback: false, rules })
  const visitor = createVisitor(server)
  const form = await visitor.browser.submit(await visitor.arrive(await (await createApp(server.issuer, shop)).authorize()), '/identifier', { button: 'Create an account' })
  const { action, values } = form.form('/sign-up')
  const statuses: number[] = []
  for (let n = 0; n < 105; n++) {
    statuses.push((await visitor.browser.post(form, action, String(new URLSearchParams({ ...values, identifier: `x@d${n}.example` })), { 'content-type': 'application/x-www-form-urlencoded' })).status)
  }
  t.deepEqual([...new Set(statuses.slice(0, 100))], [403])
  t.deepEqual([...new Set(statuses.slice(100))], [429])
})

test('a passkey that fails again and again is one failure of the offer, and throttled', async (t) => {
  const server = await start(t, { loopback: false })
  const { storage } = server.foundation
  const owner = createVisitor({ ...server, mailTo: (to, read) => server.app.outbox.listForDevelopment().then((mails) => mails.find((mail) => mail.to === to && !read?.includes(mail as never)) as never) })
  const offer = await owner.signUp(await owner.arrive(await (await createApp(server.issuer, shop)).authorize()))
  const form = offer.passkeyForm('create')
  const statuses: number[] = []
  for (let n = 0; n < 105; n++) {
    statuses.push((await owner.browser.post(offer, form.action, String(new URLSearchParams({ ...form.values, error: 'UnknownError' })), { 'content-type': 'application/x-www-form-urlencoded' })).status)
  }
  t.deepEqual((await storage.prompts.query({ limit: 1000 })).map(({ outcome }) => outcome), ['failed', 'started', 'shown', 'eligible'])
  t.is((await storage.ceremonies.query({ limit: 1000 })).length, 100)
  t.is(statuses.filter((status) => status === 429).length, 5)
  t.is((await storage.audit.query({ limit: 1000 })).filter(({ type }) => type === 'passkey.not_created').length, 100)
})

test('sign-ins that are given up are throttled before the log keeps them', async (t) => {
  const server = await start(t, { loopback: false })
  const visitor = createVisitor(server)
  const app = await createApp(server.issuer, shop)
  const statuses: number[] = []
  for (let n = 0; n < 102; n++) {
    const page = await visitor.arrive(await app.authorize())
    const { action, values } = page.form('/abort')
    statuses.push((await visitor.browser.post(page, action, String(new URLSearchParams(values)), { 'content-type': 'application/x-www-form-urlencoded' })).status)
  }
  t.deepEqual([...new Set(statuses.slice(0, 100))], [200])
  t.deepEqual([...new Set(statuses.slice(100))], [429])
  t.is((await audited(server, 'sign_in.aborted')).length, 100)
})

test('"it was not me" pressed over and over on the page of one link is throttled', async (t) => {
  const server = await start(t, { loopback: false, config: { verification: { methods: ['email_link', 'email_otp'] } } })
  const mailTo = (to: string) => server.app.outbox.listForDevelopment().then((mails) => mails.find((mail) => mail.to === to) as never)
  const visitor = createVisitor({ ...server, mailTo })
  await visitor.typeEmail(await visitor.arrive(await (await createApp(server.issuer, shop)).authorize()))
  const { text } = (await mailTo(visitor.email)) as { text: string }
  const page = await visitor.browser.open(/https?:\S+\/link\/\S+/.exec(text)![0])
  const { csrf } = page.forms.find(({ action }) => action.includes('/link/'))!.values
  const statuses: number[] = []
  for (let n = 0; n < 102; n++) {
    statuses.push((await visitor.browser.post(page, page.url.pathname, String(new URLSearchParams({ csrf: csrf ?? '', answer: 'not_me' })), { 'content-type': 'application/x-www-form-urlencoded' })).status)
  }
  t.deepEqual([...new Set(statuses.slice(0, 100))], [200])
  t.deepEqual([...new Set(statuses.slice(100))], [429])
  t.is((await audited(server, 'link.disowned')).length, 100)
})

test('a sign-in to an account that is off is refused in the log once, however much is sent to it, and not for ever', async (t) => {
  const server = await start(t)
  const app = await createApp(server.issuer, shop)
  const owner = createVisitor(server)
  await signUpByCode(owner, app)
  const { accounts, identifiers } = server.foundation.storage
  await accounts.update((await identifiers.get(`email:${owner.email}`))!.accountId, (account) => ({ ...account, disabledAt: 1 }))
  const visitor = createVisitor(server, { email: owner.email })
  for (const logins of [1, 2]) {
    server.advance(60_000)
    await visitor.ignoreMail()
    const page = await visitor.typeEmail(await visitor.arrive(await app.authorize({ prompt: 'login' })))
    t.is((await visitor.typeCode(page)).status, 403)
    for (let n = 0; n < 5; n++) t.is((await postTo(visitor, page, '/language', { locale: 'de' })).status, 403)
    const kept = await audited(server, 'sign_in.refused')
    t.is(kept.length, logins)
    t.true(kept.every(({ expiresAt }) => expiresAt !== undefined))
  }
})
