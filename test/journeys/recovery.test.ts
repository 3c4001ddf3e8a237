/** Somebody has lost every passkey: a code begins the way back, everybody is told, it takes a day, and in the end stands one new passkey. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, postTo, signUpByCode, signUpWithPasskey } from '../bad-input/refused.ts'

const minute = 60_000
const hour = 60 * minute
const bank = { ...shop, client_id: 'bank', client_name: 'Example Bank', latchkey: { firstParty: true, assurance: { downgrade: 'block' } } }
const toShop = `Continue to ${shop.client_name}`

let server: InProcess
let app: App
let strict: App
setUp(() => startInProcess({ clients: [shop, bank] }), async (started) => {
  ({ server, app } = started)
  strict = await createApp(server.issuer, bank)
})

const accountOf = async (sub: string) => (await server.foundation.storage.accounts.get(sub))!
const passkeysOf = (sub: string) => server.foundation.storage.passkeys.listByAccount(sub)
const subjectsTo = async ({ email }: Visitor) => (await server.outbox()).filter(({ to }) => to === email).map(({ subject }) => subject)

async function owner(): Promise<{ owner: Visitor; sub: string }> {
  const visitor = createVisitor(server)
  const sub = await signUpWithPasskey(visitor, app)
  server.advance(2 * 24 * hour)
  return { owner: visitor, sub }
}

/** The same person in a browser that has nothing. */
const elsewhere = ({ email }: Visitor) => createVisitor(server, { email })

/** Up to the page after the right code. */
async function byCode(visitor: Visitor, authorization: { url: URL }): Promise<Page> {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  const page = await visitor.typeEmail(await visitor.arrive(authorization as never))
  const code = page.heading === 'Check your email' ? page : await visitor.browser.submit(page, '/methods', { button: `Send a code to ${visitor.email} instead` })
  return visitor.typeCode(code)
}

const follow = (visitor: Visitor, page: Page, text: string) => {
  const link = page.links.find((found) => found.text === text)
  if (!link) throw new Error(`no "${text}" on "${page.heading}", only ${page.links.map((found) => found.text).join(', ')}`)
  return visitor.browser.open(new URL(link.href, page.url))
}

/** From the first screen, by what the pages offer: to "Get back in", proven and ready to start. */
async function toStart(visitor: Visitor, authorization: { url: URL }): Promise<Page> {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  const code = await visitor.typeEmail(await visitor.arrive(authorization as never))
  const help = await follow(visitor, await follow(visitor, code, 'Try another way'), "I can't use any of these")
  const intro = await follow(visitor, help, 'I have lost my passkeys')
  return visitor.typeCode(await visitor.browser.submit(intro, '/recovery', { button: `Send a code to ${visitor.email}` }))
}

const press = (visitor: Visitor, page: Page, button: string) => visitor.browser.submit(page, '/recovery', { button })

async function started(visitor: Visitor): Promise<Page> {
  return press(visitor, await toStart(visitor, await app.authorize()), 'Start')
}

function isSame(t: ExecutionContext, page: Page, heading: string) {
  t.is(page.heading, heading, page.text)
  t.is(page.status, 200)
}

test.serial('every passkey is lost: a code, a wait that everybody hears of, and one new passkey in the same browser', async (t) => {
  const { owner: person, sub } = await owner()
  const here = elsewhere(person)
  const first = await app.authorize()
  const start = await toStart(here, first)
  isSame(t, start, 'Get back in')
  t.regex(start.text, /Then you wait 24 hours/)
  t.notRegex(start.text, /Confirm your email with a code/, 'that is done')
  t.is((await accountOf(sub)).recovery, undefined, 'nothing happens before the press')

  const waiting = await press(here, start, 'Start')
  t.regex(waiting.text, /We sent a note to all your addresses\. You can go on after .+ UTC/)
  t.true((await subjectsTo(here)).some((subject) => /^Someone is recovering your .* account$/.test(subject)))
  const again = await postTo(here, waiting, '/recovery', { start: '1' })
  t.is(again.heading, 'Get back in')
  t.is((await subjectsTo(here)).filter((subject) => subject.startsWith('Someone is recovering')).length, 1, 'pressed twice, told once')
  const landing = await press(here, waiting, toShop)
  t.is((await first.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa')

  server.advance(22 * hour)
  const early = await app.authorize({ prompt: 'login' })
  const notYet = await byCode(here, early)
  t.true(notYet.elsewhere, 'a sign-in as ever, and no passkey is offered')

  const abroad = elsewhere(person)
  const there = await toStart(abroad, await app.authorize())
  t.regex(there.text, /This was started in Chrome on Linux\. You can go on there after/)

  server.advance(2 * hour)
  const late = await app.authorize({ prompt: 'login' })
  const offer = await byCode(here, late)
  isSame(t, offer, 'Create your new passkey')
  t.regex(offer.text, /Your waiting time is over\. Create your passkey now\./)
  await here.ignoreMail()
  const made = await here.createPasskey(offer)
  isSame(t, made, 'Your passkey is ready')
  const end = await here.browser.submit(made, '/passkey-create', { button: toShop })
  t.is((await late.finish(end.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa', 'making one does not raise the level')

  const passkey = (await passkeysOf(sub)).find(({ id }) => here.authenticator.credentials.some((made) => made.id === id))
  t.is(passkey?.enrolledAcr, 'urn:latchkey:acr:recovery')
  t.true((passkey?.coolingUntil ?? 0) >= server.foundation.storage.clock.now() + 23 * hour, 'it has to cool')
  t.is((await accountOf(sub)).recovery, undefined)
  const told = (await server.outbox()).find(({ to, subject }) => to === here.email && /^(A recovery|Your account|Someone used)|recover/i.test(subject) && !subject.startsWith('Someone is'))
  t.true(told?.text.includes('/account/not-me/'), 'what came of it can be disowned')

  const once = await byCode(here, await app.authorize({ prompt: 'login' }))
  t.true(once.elsewhere, 'it was good for one passkey')
  const byNew = await app.authorize({ prompt: 'login' })
  t.is((await byNew.finish((await here.usePasskey(await here.arrive(byNew))).url)).claims()?.['acr'], 'phr', 'and that one signs in')
})

test.serial('the right to one passkey is spent once: two tabs, and the same answer again', async (t) => {
  const { owner: person, sub } = await owner()
  const here = elsewhere(person)
  await started(here)
  server.advance(25 * hour)
  const offer = await byCode(here, await app.authorize())
  const other = createVisitor(server, { email: person.email })
  const forms = [here.authenticator, other.authenticator].map((authenticator) => {
    const form = offer.passkeyForm('create')
    return { form, response: JSON.stringify(authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })) }
  })
  const answers = await Promise.all(forms.map(({ form, response }) => here.browser.submit(offer, form, { values: { response } })))
  t.is((await passkeysOf(sub)).length, 2, answers.map(({ heading }) => heading).join())

  const another = await byCode(here, await app.authorize({ prompt: 'login' }))
  t.true(another.elsewhere)
  const late = await nothingMade(t, server, () => here.browser.submit(offer, forms[1]!.form, { values: { response: forms[1]!.response } }))
  t.is(late.heading, 'Your passkey is ready', 'what was made is what is seen')
})

test.serial('a button that is pressed twice makes one passkey, and both presses see it', async (t) => {
  const { owner: person, sub } = await owner()
  const here = elsewhere(person)
  await started(here)
  server.advance(25 * hour)
  const offer = await byCode(here, await app.authorize())
  const form = offer.passkeyForm('create')
  const response = JSON.stringify(here.authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer }))
  const answers = await Promise.all([1, 2].map(() => here.browser.submit(offer, form, { values: { response } })))
  t.deepEqual(answers.map(({ heading }) => heading), ['Your passkey is ready', 'Your passkey is ready'])
  t.is((await passkeysOf(sub)).length, 2)
})

test.serial('before it is ready, and in any other browser, no passkey is made', async (t) => {
  const { owner: person } = await owner()
  const here = elsewhere(person)
  const waiting = await started(here)
  const early = await nothingMade(t, server, () => postTo(here, waiting, '/passkey-create', { response: '{}' }))
  t.true(early.status >= 400)
  t.true((await postTo(here, waiting, '/recovery', { create: '1' })).elsewhere, 'it only goes on with the sign-in')

  server.advance(25 * hour)
  const abroad = elsewhere(person)
  const finished = await byCode(abroad, await app.authorize())
  t.true(finished.elsewhere, 'another browser gets the sign-in and no passkey')

  server.advance(8 * 24 * hour)
  const over = await byCode(here, await app.authorize({ prompt: 'login' }))
  t.true(over.elsewhere, 'what nobody came back for is over')
})

test.serial('the owner signs in by passkey, sees it and cancels it; the mailbox thief gets no passkey', async (t) => {
  const { owner: person, sub } = await owner()
  const thief = elsewhere(person)
  await started(thief)
  const authorization = await app.authorize({ prompt: 'login' })
  const notice = await person.usePasskey(await person.arrive(authorization))
  isSame(t, notice, 'Someone is recovering your account')
  t.regex(notice.text, /Chrome on Linux/)
  await person.ignoreMail()
  const landing = await person.browser.submit(notice, '/recovery-notice', { button: 'Stop the recovery' })
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'phr')
  t.is((await accountOf(sub)).recovery, undefined)
  t.regex((await server.mailTo(person.email)).subject, /sign-in details .* changed/)

  server.advance(25 * hour)
  t.true((await byCode(thief, await app.authorize({ prompt: 'login' }))).elsewhere, 'the thief gets no passkey')
  t.is((await passkeysOf(sub)).length, 1)
})

test.serial('"It was me, go on": once in each sign-in, and the recovery goes on', async (t) => {
  const { owner: person, sub } = await owner()
  await started(elsewhere(person))
  for (const _ of [1, 2]) {
    const authorization = await app.authorize({ prompt: 'login' })
    const notice = await person.usePasskey(await person.arrive(authorization))
    isSame(t, notice, 'Someone is recovering your account')
    const landing = await person.browser.submit(notice, '/recovery-notice', { button: 'It was me, go on' })
    t.is((await authorization.finish(landing.url)).claims()?.sub, sub)
  }
  t.not((await accountOf(sub)).recovery, undefined)
})

test.serial('a passkey that came after the start, or still cools, neither sees it nor stops it', async (t) => {
  const { owner: person, sub } = await owner()
  const thief = elsewhere(person)
  await started(thief)
  await server.foundation.storage.passkeys.update(person.authenticator.credentials[0]!.id, (passkey) => ({ ...passkey, createdAt: server.foundation.storage.clock.now() }))
  const authorization = await app.authorize({ prompt: 'login' })
  const landing = await person.usePasskey(await person.arrive(authorization))
  t.true(landing.elsewhere)
  t.not((await accountOf(sub)).recovery, undefined)
})

test.serial('who started it may cancel it, and a code elsewhere may not', async (t) => {
  const { owner: person, sub } = await owner()
  const here = elsewhere(person)
  const waiting = await started(here)
  const abroad = elsewhere(person)
  const there = await toStart(abroad, await app.authorize())
  await postTo(abroad, there, '/recovery', { cancel: '1' })
  t.not((await accountOf(sub)).recovery, undefined, 'another browser by a code')
  const landing = await press(here, waiting, 'Stop the recovery')
  t.true(landing.elsewhere)
  t.is((await accountOf(sub)).recovery, undefined)
})

test.serial('started and cancelled over and over, it mails nobody without end', async (t) => {
  const { owner: person } = await owner()
  const here = elsewhere(person)
  let page = await toStart(here, await app.authorize())
  for (let starts = 0; starts < 5; starts++) {
    page = await postTo(here, page, '/recovery', { start: '1' })
    t.is(page.status, 200)
    const { storage } = server.foundation
    const [sub] = [(await storage.identifiers.get(`email:${person.email}`))!.accountId]
    await storage.accounts.update(sub, ({ recovery: _, ...account }) => account)
  }
  const mails = (await subjectsTo(here)).length
  const refused = await postTo(here, page, '/recovery', { start: '1' })
  t.is(refused.status, 429)
  t.is(refused.heading, 'Get back in')
  t.regex(refused.text, /This was started too often today\. You can start again in 2\d hours\. Passkeys still work\./)
  t.notRegex(refused.text, /We stopped|your network/)
  t.true(Number(refused.headers['retry-after']) > 23 * 3600)
  t.is((await subjectsTo(here)).length, mails)
})

test.serial('started again in another browser, the wait begins anew there and is over here', async (t) => {
  const { owner: person, sub } = await owner()
  const here = elsewhere(person)
  await started(here)
  server.advance(23 * hour)
  const abroad = elsewhere(person)
  const there = await toStart(abroad, await app.authorize())
  await press(abroad, there, 'Start again here')
  server.advance(2 * hour)
  t.true((await byCode(here, await app.authorize({ prompt: 'login' }))).elsewhere)
  server.advance(23 * hour)
  isSame(t, await byCode(abroad, await app.authorize({ prompt: 'login' })), 'Create your new passkey')
  t.is((await passkeysOf(sub)).length, 1)
})

test.serial('where a code alone does not sign in, it still begins the way back and ends it', async (t) => {
  const { owner: person } = await owner()
  const here = elsewhere(person)
  const blocked = await byCode(here, await strict.authorize())
  isSame(t, blocked, 'Use your passkey here')
  const start = await follow(here, blocked, 'I have lost my passkeys')
  const waiting = await press(here, start, 'Start')
  t.regex(waiting.text, /You can go on after/)
  t.is(waiting.forms.find(({ action }) => action.endsWith('/recovery') && action)?.buttons[0]?.text, 'Stop the recovery', 'no way on to the app')
  server.advance(25 * hour)
  const authorization = await strict.authorize()
  const offer = await byCode(here, authorization)
  isSame(t, offer, 'Create your new passkey')
  const made = await here.createPasskey(offer)
  const use = await here.browser.submit(made, '/passkey-create')
  isSame(t, use, 'Use your passkey here')
  t.is((await authorization.finish((await here.usePasskey(use)).url)).claims()?.['acr'], 'phr')
})

test.serial('somebody without a passkey has nothing to recover', async (t) => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  visitor.browser.cookies.clear()
  const authorization = await app.authorize()
  const end = await toStart(visitor, authorization)
  t.true(end.elsewhere || end.heading === 'Sign in faster next time', end.heading)
})
