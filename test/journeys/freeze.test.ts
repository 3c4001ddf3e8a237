/** "This was not me": what it leaves behind is decided by a passkey that is older than all of it, or by a finished recovery; nobody else changes anything. */
import test from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, postTo, signUpByCode, signUpWithPasskey } from '../bad-input/refused.ts'

const minute = 60_000
const hour = 60 * minute

const bank = { ...shop, client_id: 'bank', latchkey: { firstParty: true, assurance: { downgrade: 'block' } } }

let server: InProcess
let app: App
let strict: App
setUp(() => startInProcess({ clients: [shop, bank] }), async (started) => {
  ({ server, app } = started)
  strict = await createApp(server.issuer, bank)
})

const accountOf = async (sub: string) => (await server.foundation.storage.accounts.get(sub))!
const elsewhere = ({ email, authenticator }: Pick<Visitor, 'email'> & Partial<Visitor>) => createVisitor(server, { email, ...(authenticator && { authenticator }) })

/** Presses "This was not me" in the newest mail of that subject, in a browser of nobody. */
async function disown({ email }: Visitor, about = /passkey was added|was recovered|got back/): Promise<Page> {
  const mail = (await server.outbox()).find(({ to, subject, text }) => to === email && about.test(subject) && text.includes('/account/not-me/'))
  const link = /^https?:\/\/\S+\/account\/not-me\/\S+$/m.exec(mail?.text ?? '')?.[0] ?? ''
  const stranger = createVisitor(server)
  const page = await stranger.browser.open(link)
  return stranger.browser.submit(page, page.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'No, stop it'))!, { button: 'No, stop it' })
}

async function byCode(visitor: Visitor, parameters: Record<string, string> = {}, at = app): Promise<{ page: Page; finish(callback: URL): Promise<unknown> }> {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  const authorization = await at.authorize({ prompt: 'login', ...parameters })
  const first = await visitor.typeEmail(await visitor.arrive(authorization))
  const code = first.heading === 'Check your email' ? first : await visitor.browser.submit(first, '/methods', { button: `Send a code to ${visitor.email} instead` })
  return { page: await visitor.typeCode(code), finish: authorization.finish }
}

/** By passkey in a browser that knows nobody, or in the one at hand. */
async function byPasskey(visitor: Visitor): Promise<{ page: Page; finish(callback: URL): Promise<{ claims(): Record<string, unknown> | undefined }> }> {
  const authorization = await app.authorize({ prompt: 'login' })
  return { page: await visitor.usePasskey(await visitor.arrive(authorization)), finish: authorization.finish as never }
}

/** Somebody with a passkey, and a second one that came by a recovery. */
async function twoPasskeys(): Promise<{ person: Visitor; second: Visitor; sub: string }> {
  const person = createVisitor(server)
  const sub = await signUpWithPasskey(person, app)
  server.advance(2 * 24 * hour)
  const second = createVisitor(server, { email: person.email })
  await recoveryStarted(second)
  server.advance(25 * hour)
  const { page } = await byCode(second)
  await second.browser.submit(await second.createPasskey(page), '/passkey-create', { button: `Continue to ${shop.client_name}` })
  return { person, second, sub }
}

async function recoveryStarted(visitor: Visitor): Promise<Page> {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  const code = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const begun = await postTo(visitor, code, '/recovery', { begin: '1' })
  return visitor.browser.submit(await visitor.typeCode(begun), '/recovery', { button: 'Start' })
}

async function opens(visitor: Visitor): Promise<boolean> {
  return (await byPasskey(elsewhere(visitor))).page.elsewhere
}

test.serial('an older passkey signs in, sees what was disowned and undoes it', async (t) => {
  const { person, second, sub } = await twoPasskeys()
  t.true(await opens(second))
  await disown(person)
  t.not((await accountOf(sub)).frozen, undefined)
  t.false(await opens(second), 'it signs nobody in from the press on')

  const { page, finish } = await byPasskey(person)
  t.is(page.heading, 'Was this you?')
  t.true(page.text.includes('A passkey was added to your account.'))
  t.regex(page.text, /Chrome on Linux/)
  await person.ignoreMail()
  const landing = await person.browser.submit(page, '/freeze-notice', { button: 'Undo it' })
  t.is((await finish(landing.url)).claims()?.['acr'], 'phr')
  t.is((await accountOf(sub)).frozen, undefined)
  t.deepEqual((await accountOf(sub)).credentialIds, person.authenticator.credentials.map(({ id }) => id))
  t.false(await opens(second))
  t.regex((await server.mailTo(person.email)).subject, /sign-in details .* changed/)
})

test.serial('… or says that it was them after all', async (t) => {
  const { person, second, sub } = await twoPasskeys()
  await disown(person)
  const { page } = await byPasskey(person)
  t.true((await person.browser.submit(page, '/freeze-notice', { button: 'It was me after all' })).elsewhere)
  t.is((await accountOf(sub)).frozen, undefined)
  t.true(await opens(second))
})

test.serial('… or leaves it: then nothing can be changed, and the next sign-in asks again', async (t) => {
  const { person, sub } = await twoPasskeys()
  await disown(person)
  for (const _ of [1, 2]) {
    const { page } = await byPasskey(person)
    t.is(page.heading, 'Was this you?')
    t.true((await person.browser.submit(page, '/freeze-notice', { button: 'Decide later' })).elsewhere)
  }
  t.not((await accountOf(sub)).frozen, undefined)
})

test.serial('the passkey that was frozen, a newer one and a code do not decide', async (t) => {
  const { person, second, sub } = await twoPasskeys()
  await disown(person)
  const failed = (await byPasskey(second)).page
  t.false(failed.elsewhere)
  const code = (await byCode(elsewhere({ email: person.email }))).page
  t.true(code.elsewhere, 'a code signs in as ever')

  const visitor = elsewhere({ email: person.email })
  const { page } = await byCode(visitor, { acr_values: 'phr' })
  const refused = await nothingMade(t, server, () => postTo(visitor, page, '/freeze-notice', { undo: '1' }))
  t.true(refused.status >= 400)
  t.not((await accountOf(sub)).frozen, undefined)

  await server.foundation.storage.passkeys.update(person.authenticator.credentials[0]!.id, (passkey) => ({ ...passkey, createdAt: server.foundation.storage.clock.now() }))
  t.true((await byPasskey(person)).page.elsewhere, 'a passkey that came later signs in and decides nothing')
})

test.serial('a mailbox thief who freezes the only passkey finds no account without one', async (t) => {
  const person = createVisitor(server)
  const sub = await signUpByCode(person, app)
  server.advance(8 * 24 * hour)
  const { page } = await byCode(person)
  t.is(page.heading, 'Sign in faster next time')
  await person.browser.submit(await person.createPasskey(page), '/passkey-create', { button: `Continue to ${shop.client_name}` })
  await disown(person)
  t.deepEqual((await accountOf(sub)).credentialIds, [])

  const thief = createVisitor(server, { email: person.email })
  t.true((await byCode(thief)).page.elsewhere, 'no passkey is offered')
  const blocked = await byCode(createVisitor(server, { email: person.email }), {}, strict)
  t.is(blocked.page.heading, 'A code alone is not enough here', 'nor does a code do what it did not do before')
  const asked = await byCode(createVisitor(server, { email: person.email }), { acr_values: 'phr' })
  t.false(asked.page.forms.some(({ action }) => action.endsWith('/passkey-create')), asked.page.text)
  t.true(asked.page.links.some(({ text }) => text === 'I have lost my passkeys'), asked.page.text)
})

test.serial('a finished recovery undoes what was disowned, and the account can be changed again', async (t) => {
  const { person, second, sub } = await twoPasskeys()
  await disown(person)
  const here = elsewhere({ email: person.email })
  await recoveryStarted(here)
  server.advance(25 * hour)
  const { page } = await byCode(here)
  t.is(page.heading, 'Create your new passkey')
  const made = await here.createPasskey(page)
  t.is(made.heading, 'Your passkey is ready')
  t.is((await accountOf(sub)).frozen, undefined)
  t.true((await here.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })).elsewhere)
  t.true(await opens(here))
  t.false(await opens(second), 'what was disowned stays out')
  t.true(await opens(person))
})

test.serial('a sign-in from a new device can be disowned: its session ends there', async (t) => {
  const person = createVisitor(server)
  await signUpWithPasskey(person, app)
  server.advance(2 * 24 * hour)
  const thief = elsewhere({ email: person.email })
  const { page, finish } = await byCode(thief)
  await finish(page.url)
  const silent = async () => (await thief.arrive(await app.authorize({ prompt: 'none' }))).url.searchParams
  t.true((await silent()).has('code'))
  await disown(person, /^New sign-in/)
  t.is((await silent()).get('error'), 'login_required')
})
