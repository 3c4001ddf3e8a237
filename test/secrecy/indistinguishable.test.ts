/** Nobody learns from the login whether an address has an account, what kind, or whether it is switched off. */
import { setTimeout as pause } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import type { Passkey } from '../../src/storage/types.ts'
import { arrive, capabilities, grown, same as sameFor, shapes, type } from './same.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Of one length, so that nothing but the name can differ. */
const kinds = ['nobody', 'mailer', 'synced', 'onehas', 'hybrid', 'seckey', 'closed', 'absent'] as const
type Kind = (typeof kinds)[number]
const addressOf = (kind: string) => `${kind}@example.com`

/** The passkey of each: synced, on one device only, used from a phone, on a security key. */
const passkeys: Partial<Record<Kind, Pick<Passkey, 'transports' | 'backupEligible' | 'backupState'>>> = {
  synced: { transports: ['internal', 'hybrid'], backupEligible: true, backupState: true },
  onehas: { transports: ['internal'], backupEligible: false, backupState: false },
  hybrid: { transports: ['hybrid'], backupEligible: true, backupState: true },
  seckey: { transports: ['usb', 'nfc'], backupEligible: false, backupState: false },
  closed: { transports: ['internal'], backupEligible: true, backupState: true },
  absent: { transports: ['internal'], backupEligible: true, backupState: true },
}

/** `nobody` has no account and `mailer` no passkey, the account of `closed` takes no codes, and that of `absent` is switched off. */
async function populate({ foundation: { storage } }: InProcess): Promise<void> {
  for (const kind of kinds.slice(1)) {
    const [id, email, now] = [`account-${kind}`, addressOf(kind), storage.clock.now()]
    const passkey = passkeys[kind]
    await storage.identifiers.insert({ id: `email:${email}`, kind: 'email', value: email, accountId: id, state: 'active', createdAt: now })
    await storage.accounts.insert({
      id, createdAt: now, userHandle: `handle-${kind}`, identifiers: [{ kind: 'email', value: email, verifiedAt: now }],
      credentialIds: passkey ? [`credential-${kind}`] : [],
      ...(kind === 'absent' && { disabledAt: now }),
      ...(kind === 'closed' && { passkeysOnlySince: now }),
    })
    if (!passkey) continue
    await storage.passkeys.insert({
      id: `credential-${kind}`, accountId: id, publicKey: 'AA', counter: 0, aaguid: '', ...passkey,
      rpId: 'localhost', enrolledAcr: 'phr', enrolledUserAgent: 'Chrome', createdAt: now,
    })
  }
}

const same = (t: ExecutionContext, server: InProcess, act: Parameters<typeof sameFor<Kind>>[2]['act']) =>
  sameFor(t, server, { kinds, namesOf: kind => [addressOf(kind)], act })

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
  t.true(JSON.stringify(answers).includes('<name>'), 'the name is on the pages')
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
    for (const kind of ['mailer', 'synced', 'onehas', 'hybrid', 'seckey', 'absent'] as const) t.is(await mailsTo(kind), 2, kind)
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

const steps = ['continue', 'guess'] as const

/**
 * Whether the median of these lies within `tolerance` of 0: known (true, false) once the order statistics say so five
 * standard errors deep, whatever the distribution; undefined: too few yet.
 */
function isNearZero(differences: number[], tolerance: number): boolean | undefined {
  const sorted = differences.toSorted((a, b) => a - b)
  const [middle, reach] = [sorted.length / 2, (5 * Math.sqrt(sorted.length)) / 2]
  const [low, high] = [sorted[Math.floor(middle - reach)] ?? -Infinity, sorted[Math.ceil(middle + reach)] ?? Infinity]
  if (-tolerance <= low && high <= tolerance) return true
  return low > tolerance || high < -tolerance ? false : undefined
}

/** ms until the answer to Continue and to a wrong code */
async function timing(server: InProcess, email: string): Promise<number[]> {
  const { browser, page } = await arrive(server)
  const started = performance.now()
  const code = await type(browser, page, email)
  const guessed = performance.now()
  await browser.submit(code, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
  browser.close()
  return [guessed - started, performance.now() - guessed]
}

/** One after the other, so that the machine's moods hit both: 3 ms or a tenth is what nobody can tell from them. */
async function compare(t: ExecutionContext, server: InProcess, known: (pair: number) => Promise<string>, most = 200): Promise<(boolean | undefined)[]> {
  const differences: number[][] = steps.map(() => [])
  const all: number[][] = steps.map(() => [])
  for (let pair = 1; ; pair++) {
    const emails = [await known(pair), `nobody-${pair}@example.com`]
    const times: number[][] = []
    for (const index of pair % 2 ? [0, 1] : [1, 0]) times[index] = await timing(server, emails[index]!)
    for (const index of steps.keys()) {
      differences[index]!.push(times[0]![index]! - times[1]![index]!)
      all[index]!.push(times[0]![index]!, times[1]![index]!)
    }
    if (pair % 20 !== 0) continue
    const near = steps.map((_, index) => isNearZero(differences[index]!, Math.max(3, 0.1 * all[index]!.toSorted((a, b) => a - b)[pair]!)))
    if (near.includes(undefined) && pair < most) continue
    t.log(`${pair} pairs: ${near}`)
    return near
  }
}

test.serial('known and unknown addresses take the same time', async t => {
  const server = await start(t)
  const { accounts, identifiers, clock } = server.foundation.storage
  const near = await compare(t, server, async pair => {
    const email = `person-${pair}@example.com`
    await identifiers.insert({ id: `email:${email}`, kind: 'email', value: email, accountId: email, state: 'active', createdAt: clock.now() })
    await accounts.insert({ id: email, createdAt: clock.now(), userHandle: email, identifiers: [{ kind: 'email', value: email, verifiedAt: clock.now() }], credentialIds: ['a'] })
    return email
  })
  // Where a busy machine hides it, nothing is said: only a difference that is certain fails.
  t.false(near.includes(false))
})

test.serial('what takes longer for known addresses would be seen', async t => {
  const server = await start(t)
  const { identifiers } = server.foundation.storage
  const { get } = identifiers
  // as long as all the rest, whatever this machine is doing
  const more = 20 + Math.max(...(await timing(server, 'usual@example.com')))
  identifiers.get = async id => {
    const found = await get(id)
    if (id.includes('slow')) await pause(more)
    return found
  }
  t.true((await compare(t, server, async pair => `slow-${pair}@example.com`)).includes(false))
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
