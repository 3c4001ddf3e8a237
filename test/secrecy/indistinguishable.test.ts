/** Nobody learns from the login whether an address has an account, what kind, or whether it is switched off. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { createHttpBrowser, type HttpBrowser, type Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Of one length, so that nothing but the name can differ. */
const kinds = ['nobody', 'mailer', 'keyman', 'absent', 'closed'] as const
type Kind = (typeof kinds)[number]
const addressOf = (kind: string) => `${kind}@example.com`
const capabilities = JSON.stringify({ webauthn: true, platform: true, conditionalGet: true })

/** `nobody` has no account, `mailer` one without and `keyman` one with a passkey, that of `absent` is switched off, that of `closed` takes no codes. */
async function populate({ foundation: { storage } }: InProcess): Promise<void> {
  for (const kind of kinds.slice(1)) {
    const [id, email, now] = [`account-${kind}`, addressOf(kind), storage.clock.now()]
    const credentialIds = kind === 'mailer' ? [] : [`credential-${kind}`]
    await storage.identifiers.insert({ id: `email:${email}`, kind: 'email', value: email, accountId: id, state: 'active', createdAt: now })
    await storage.accounts.insert({
      id, createdAt: now, userHandle: `handle-${kind}`, identifiers: [{ kind: 'email', value: email, verifiedAt: now }], credentialIds,
      ...(kind === 'absent' && { disabledAt: now }),
      ...(kind === 'closed' && { passkeysOnlySince: now }),
    })
    for (const credential of credentialIds) {
      await storage.passkeys.insert({
        id: credential, accountId: id, publicKey: 'AA', counter: 0, transports: ['internal'], aaguid: '', backupEligible: true, backupState: true,
        rpId: 'localhost', enrolledAcr: 'phr', enrolledUserAgent: 'Chrome', createdAt: now,
      })
    }
  }
}

async function arrive(server: InProcess): Promise<{ browser: HttpBrowser; page: Page }> {
  const browser = createHttpBrowser({ origin: server.issuer })
  const { url } = await (await createApp(server.issuer, shop)).authorize()
  return { browser, page: await browser.open(url) }
}

const type = (browser: HttpBrowser, page: Page, email: string) =>
  browser.submit(page, '/identifier', { button: 'Continue', values: { identifier: email, capabilities } })

/** Everything that a browser is sent since it arrived, but for what is random in each answer and the name that was typed. */
function seen({ visits, cookies }: HttpBrowser, from: number, name: string): unknown[] {
  const uid = /interaction\/([\w-]+)/.exec(visits.map(({ url }) => url.pathname).join())?.[1] ?? ''
  const plain = (text: string) =>
    text
      .replaceAll(uid, '<uid>')
      .replaceAll('<wbr>', '')
      .replaceAll(encodeURIComponent(addressOf(name)), '<address>')
      .replaceAll(addressOf(name), '<address>')
      .replace(/(name="csrf" value=")[^"]+/g, '$1<csrf>')
      .replace(/(challenge(?:&quot;|"):(?:&quot;|"))[\w-]{72}(?=&quot;|")/g, '$1<challenge>')
  return visits.slice(from).map(({ method, url, status, headers, body }) => {
    const { date: _, 'set-cookie': set = [], etag: __, ...rest } = headers
    const cookiesSet = set.map(cookie => cookie.replace(/=[^;]*/, '').replace(/expires=[^;]*/i, ''))
    return { at: `${method} ${plain(url.pathname)}`, status, headers: JSON.parse(plain(JSON.stringify(rest))), cookiesSet, body: plain(body), jar: cookies.all().map(cookie => cookie.name) }
  })
}

/** How many rows of which shape each table has, by who wrote them: what side effects leave. */
function shapes(server: InProcess): Record<string, number> {
  const database = new DatabaseSync(join(server.folder, 'data', 'latchkey.db'), { readOnly: true })
  const tables = database.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").all()
  const counts = tables.map(({ name }) => [String(name), database.prepare(`select count(*) as n from "${name}"`).get()?.['n'] as number])
  database.close()
  return Object.fromEntries(counts)
}

/** What a visit added. */
function grown(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([table, count]) => [table, count - (before[table] ?? 0)]))
}

async function same(t: ExecutionContext, server: InProcess, act: (browser: HttpBrowser, page: Page, kind: Kind) => Promise<void>): Promise<unknown[]> {
  const observed = new Map<Kind, { answers: unknown[]; rows: Record<string, number> }>()
  for (const kind of kinds) {
    const { browser, page } = await arrive(server)
    const [from, before] = [browser.visits.length, shapes(server)]
    await act(browser, page, kind)
    observed.set(kind, { answers: seen(browser, from, kind), rows: grown(before, shapes(server)) })
    browser.close()
  }
  const { answers, rows } = observed.get('nobody') ?? { answers: [], rows: {} }
  for (const kind of kinds.slice(1)) {
    t.deepEqual(observed.get(kind)?.rows, rows, kind)
    t.is(observed.get(kind)?.answers.length, answers.length, kind)
    for (const [index, answer] of answers.entries()) t.deepEqual(observed.get(kind)?.answers[index], answer, kind)
  }
  return answers
}

async function start(t: ExecutionContext, enumeration: 'protect' | 'friendly' = 'protect'): Promise<InProcess> {
  const server = await startInProcess({ clients: [shop], config: { identifiers: { enumeration } }, still: true })
  t.teardown(server.dispose)
  await populate(server)
  return server
}

test('sign-in: Continue, wrong codes until none is left, resend, other ways', async t => {
  const server = await start(t)
  const answers = await same(t, server, async (browser, page, kind) => {
    let code = await type(browser, page, addressOf(kind))
    for (let guess = 0; guess < 6; guess++) code = await browser.submit(code, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
    const resent = await browser.submit(code, '/email-otp', { button: 'Send a new code' })
    t.is(resent.status, 429, 'too early')
    const { data, values } = code.passkeyForm('get')
    const fresh = await browser.post(code, data['options-url'] ?? '', '{}', { 'content-type': 'application/json', 'x-csrf-token': values['csrf'] ?? '' })
    t.is(fresh.status, 200)
    const ways = await browser.open(new URL(code.url.pathname.replace('email-otp', 'methods'), server.issuer))
    t.is(ways.status, 200)
    await browser.submit(ways, ways.forms.find(({ values }) => values['method'] === 'email_otp') ?? '/methods')
    await browser.submit(code, '/email-otp', { button: 'Continue', values: { code: '' } })
    const failed = await browser.submit(code, code.passkeyForm('get'), { values: { error: 'NotAllowedError', elapsed: '5000' } })
    t.is(failed.status, 200)
    await browser.open(new URL(code.url.pathname.replace('email-otp', 'passkey'), server.issuer))
    await browser.open(new URL(code.url.pathname.replace('email-otp', 'other-device'), server.issuer))
  })
  t.true(answers.length > 12)
  t.true(JSON.stringify(answers).includes('<address>'), 'the name is on the pages')
})

test('sign-in a second time on the same day: the same rows, but an unknown address and one that takes no codes get one mail only', async t => {
  const server = await start(t)
  const mailsTo = async (kind: Kind) => (await server.app.outbox.listForDevelopment()).filter(({ to }) => to === addressOf(kind)).length
  for (const invitations of [1, 0]) {
    const before = shapes(server)['outbox'] ?? 0
    await same(t, server, async (browser, page, kind) => {
      const code = await type(browser, page, addressOf(kind))
      server.advance(31 * second)
      const resent = await browser.submit(code, '/email-otp', { button: 'Send a new code' })
      t.is(resent.status, 200)
      t.true(resent.alerts.some(text => /new code/i.test(text)), resent.alerts.join())
    })
    t.is((shapes(server)['outbox'] ?? 0) - before, kinds.length * 2, 'one row each time, for everybody')
    for (const kind of ['nobody', 'closed'] as const) t.is(await mailsTo(kind), invitations, kind)
    for (const kind of ['mailer', 'keyman', 'absent'] as const) t.is(await mailsTo(kind), 2, kind)
    server.advance(hour) // the mails so far have expired
  }
  server.advance(day)
  const { browser, page } = await arrive(server)
  await type(browser, page, addressOf('nobody'))
  t.is(await mailsTo('nobody'), 1, 'and the next day another')
})

test('sign-up: the same screen for a taken address, told in the mail', async t => {
  const server = await start(t)
  await same(t, server, async (browser, page, kind) => {
    const form = await browser.submit(page, '/identifier', { button: 'Create an account' })
    const code = await browser.submit(form, '/sign-up', { values: { identifier: addressOf(kind), capabilities } })
    t.regex(code.url.pathname, /\/email-otp$/)
    await browser.submit(code, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
    await browser.submit(code, '/email-otp', { button: 'Send a new code' })
  })
})

test('only who has the mailbox of a disabled account hears that it is off, and gets nothing', async t => {
  const server = await start(t)
  const { browser, page } = await arrive(server)
  const form = await type(browser, page, addressOf('absent'))
  const [mail] = await server.app.outbox.listForDevelopment()
  const code = /^\s*(\d{6})\s*$/m.exec(mail?.text ?? '')?.[1] ?? ''
  const before = shapes(server)
  const told = await browser.submit(form, '/email-otp', { button: 'Continue', values: { code } })
  t.is(told.status, 403)
  t.false(told.elsewhere)
  const { accounts, artifacts, devices } = grown(before, shapes(server))
  t.deepEqual({ accounts, artifacts, devices }, { accounts: 0, artifacts: 0, devices: 0 })
  t.is((await browser.submit(form, '/email-otp', { button: 'Continue', values: { code } })).elsewhere, false)
})

/** A busy machine only adds to times: what an answer costs by itself shows in the faster ones. */
const lowerQuartile = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 2] ?? 0

/** The time until the answer to Continue and to a wrong code, in turns, so that the machine's moods hit all. */
async function timings(server: InProcess, round: number): Promise<Record<string, Record<'continue' | 'guess', number>>> {
  const groups: Record<string, { continue: number[]; guess: number[] }> = { known: { continue: [], guess: [] }, unknown: { continue: [], guess: [] } }
  for (let pair = 0; pair < 60; pair++) {
    for (const [group, times] of pair % 2 ? Object.entries(groups) : Object.entries(groups).reverse()) {
      const { browser, page } = await arrive(server)
      const email = `${group === 'known' ? 'person' : 'nobody'}-${round}-${pair}@example.com`
      const started = performance.now()
      const code = await type(browser, page, email)
      times.continue.push(performance.now() - started)
      const guessed = performance.now()
      await browser.submit(code, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
      times.guess.push(performance.now() - guessed)
      browser.close()
    }
  }
  return Object.fromEntries(Object.entries(groups).map(([group, times]) => [group, { continue: lowerQuartile(times.continue), guess: lowerQuartile(times.guess) }]))
}

test.serial('known and unknown addresses take the same time', async t => {
  const server = await start(t)
  const { accounts, identifiers, clock } = server.foundation.storage
  const attempt = async (round: number) => {
    for (let pair = 0; pair < 60; pair++) {
      const email = `person-${round}-${pair}@example.com`
      await identifiers.insert({ id: `email:${email}`, kind: 'email', value: email, accountId: email, state: 'active', createdAt: clock.now() })
      await accounts.insert({ id: email, createdAt: clock.now(), userHandle: email, identifiers: [{ kind: 'email', value: email, verifiedAt: clock.now() }], credentialIds: ['a'] })
    }
    const { known, unknown } = await timings(server, round)
    t.log(round, known, unknown)
    return (['continue', 'guess'] as const).every(step => {
      const [a, b] = [known?.[step] ?? 0, unknown?.[step] ?? Infinity]
      return Math.abs(a - b) <= Math.max(3, 0.15 * Math.max(a, b))
    })
  }
  t.true((await attempt(1)) || (await attempt(2)) || (await attempt(3)))
})

test('friendly: an unknown address is told so right after Continue, a taken one at sign-up', async t => {
  const server = await start(t, 'friendly')
  const { browser, page } = await arrive(server)
  const offer = await type(browser, page, addressOf('nobody'))
  t.is(offer.heading, `Create an account for ${addressOf('nobody')}?`)
  t.deepEqual(await server.app.outbox.listForDevelopment(), [], 'nothing is sent before it is wanted')
  const code = await browser.submit(offer, '/create-account', { button: 'Create account' })
  t.regex(code.url.pathname, /\/email-otp$/)
  t.is((await server.app.outbox.listForDevelopment()).length, 1)

  const known = await arrive(server)
  t.is((await type(known.browser, known.page, addressOf('mailer'))).heading, 'Check your email')

  const newcomer = await arrive(server)
  const form = await newcomer.browser.submit(newcomer.page, '/identifier', { button: 'Create an account' })
  const refused = await newcomer.browser.submit(form, '/sign-up', { values: { identifier: addressOf('mailer'), capabilities } })
  t.is(refused.status, 400)
  t.regex(refused.text, /There is an account with this address/)
  t.is(refused.form('/sign-up').values['identifier'], addressOf('mailer'), 'what was typed stays')
  const proven = shapes(server)
  t.is(proven['accounts'], kinds.length - 1)
})
