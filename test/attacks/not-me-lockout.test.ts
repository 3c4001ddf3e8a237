/** "This was not me" ends what it is about, the session that made it too, and locks nobody out who never had a passkey. */
import test from 'ava'
import { postTo, signUpByCode, stillAsks } from '../bad-input/refused.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const minute = 60_000
const day = 24 * 60 * minute
const bank = { ...shop, client_id: 'bank', client_name: 'Bank', latchkey: { firstParty: true, assurance: { downgrade: 'block' } } }
const club = { ...shop, client_id: 'club', client_name: 'Club', latchkey: { firstParty: true, assurance: { downgrade: 'step_up' } } }

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop, bank, club] }), (started) => ({ server, app } = started))

async function byCode(visitor: Visitor, at = app, parameters: Record<string, string> = {}) {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  const authorization = await at.authorize(parameters)
  return { authorization, page: await visitor.typeCode(await visitor.askForCode(await visitor.arrive(authorization))) }
}

async function disown(email: string, about: RegExp): Promise<void> {
  const mail = (await server.outbox()).find(({ to, subject, text }) => to === email && about.test(subject) && text.includes('/account/not-me/'))
  const link = /^https?:\/\/\S+\/account\/not-me\/\S+$/m.exec(mail?.text ?? '')?.[0] ?? ''
  const { browser } = createVisitor(server)
  const page = await browser.open(link)
  const stopped = await browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
  if (stopped.heading !== 'We stopped it') throw new Error(stopped.text)
}

for (const client of [bank, club]) {
  test.serial(`an account without a passkey, and a sign-in that was disowned: its owner signs in by code at ${client.client_name} all the same`, async (t) => {
    const strict = await createApp(server.issuer, client)
    const owner = createVisitor(server)
    const sub = await signUpByCode(owner, app)
    server.advance(2 * day)
    await byCode(createVisitor(server, { email: owner.email }))
    await disown(owner.email, /sign-in/)
    t.truthy((await server.foundation.storage.accounts.get(sub))?.frozen)
    for (const wait of [0, 30 * day]) {
      server.advance(wait)
      const { page, authorization } = await byCode(owner, strict, { prompt: 'login' })
      t.true(page.elsewhere, page.text)
      t.is((await authorization.finish(page.url)).claims()?.sub, sub)
    }
  })
}

/** Somebody at another browser makes the account's first passkey there; the page after it. */
async function withAddedPasskey() {
  const owner = createVisitor(server)
  const sub = await signUpByCode(owner, app)
  server.advance(8 * day)
  const thief = createVisitor(server, { email: owner.email })
  const { page, authorization } = await byCode(thief)
  const made = await thief.createPasskey(page)
  const landing = await thief.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })
  await authorization.finish(landing.url)
  return { owner, sub, thief }
}

for (const [client, heading] of [[bank, 'A code alone is not enough here'], [club, 'Confirm it is you']] as const) {
  test.serial(`a passkey that was disowned still counts at ${client.client_name}, where codes are not to stand in for one; the page says what is true`, async (t) => {
    const { owner } = await withAddedPasskey()
    await disown(owner.email, /passkey was added/)
    const { page } = await byCode(createVisitor(server, { email: owner.email }), await createApp(server.issuer, client))
    t.is(page.heading, heading)
    t.regex(page.text, /The passkey of your account was stopped/)
    t.notRegex(page.text, /Your account has a passkey/)
    t.regex(page.text, /I have lost my passkeys/)
  })
}

test.serial('a passkey that was disowned: the session in which it was made ends, the owner’s own goes on', async (t) => {
  const owner = createVisitor(server)
  await signUpByCode(owner, app)
  server.advance(8 * day)
  const thief = createVisitor(server, { email: owner.email })
  const first = await byCode(thief)
  await first.authorization.finish((await thief.browser.submit(first.page, '/passkey-create', { button: 'Not now' })).url)
  // That browser is known by now: nothing but the passkey is news.
  const more = await byCode(thief, app, { prompt: 'login', acr_values: 'phr' })
  const made = await thief.createPasskey(await postTo(thief, more.page, '/passkey-create', { start: '1' }))
  const skipped = await postTo(thief, await postTo(thief, made, '/passkey-create', { continue: '1' }), '/step-up', { skip: '1' })
  t.true(skipped.elsewhere, skipped.text)
  await more.authorization.finish(skipped.url)
  const { page } = await byCode(owner, app, { prompt: 'login' })
  t.true(page.elsewhere)
  t.true((await thief.arrive(await app.authorize({ prompt: 'none' }))).url.searchParams.has('code'))
  await disown(owner.email, /passkey was added/)
  await stillAsks(t, thief, app)
  t.true((await owner.arrive(await app.authorize({ prompt: 'none' }))).url.searchParams.has('code'))
})
