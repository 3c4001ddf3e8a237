/** A typing mistake is put right in two steps: what was begun before "this wasn't me" is not finished after it. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { createHttpBrowser } from '../helpers/http-browser.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { day, notMeLink } from '../account/rig.ts'
import { createNewcomer } from '../login/newcomer.ts'

const minute = 60_000
const [wrong, right] = ['+447911125011', '+447911125099']
/** asks for no proof of anything, so that a sign-in there is told of and not more */
const bank = { ...shop, client_id: 'bank', client_name: 'Example Bank', redirect_uris: ['http://localhost:8/bank'], client_secret: 'another secret that only the bank and its provider know', latchkey: { firstParty: true, verification: { strategy: 'none' } } }

for (const stopped of [true, false]) {
  test(`a correction ${stopped ? 'that was begun before changes were stopped changes nothing' : 'is carried out, however long the message took'}`, async (t) => {
    const server = await startInProcess({
      config: {
        identifiers: { email: { signIn: true, signUp: 'required' }, phone: { signIn: true, signUp: 'optional', defaultRegion: 'GB' } },
        verification: { strategy: { email: 'at_sign_up', phone: 'before_first_login' } },
      },
      clients: [shop, bank],
    })
    t.teardown(server.dispose)
    const [app, bankApp] = [await createApp(server.issuer, shop), await createApp(server.issuer, bank)]
    const owner = createNewcomer(server, { email: 'owner@example.com' })
    const first = await app.authorize()
    const signedUp = await owner.prove(await owner.fill(first, { email: owner.email, phone: wrong }), owner.email)
    const end = await owner.browser.submit(signedUp, '/passkey-create', { button: 'Not now' })
    const sub = (await first.finish(end.url)).claims()!.sub
    const identifiers = async () => (await server.foundation.storage.accounts.get(sub))!.identifiers.map(({ value }) => value)
    server.advance(2 * day)

    const thief = createNewcomer(server, { email: owner.email })
    await thief.ignoreMail()
    t.true((await thief.typeCode(await thief.typeEmail(await thief.arrive(await bankApp.authorize())))).elsewhere)
    const told = (await server.outbox()).find(({ to, subject }) => to === owner.email && subject.startsWith('New sign-in'))!
    thief.browser.cookies.clear(({ name }) => !name.includes('session'))
    server.advance(minute)
    await thief.ignoreMail()
    const confirm = await thief.typeCode(await thief.typeEmail(await thief.arrive(await app.authorize({ prompt: 'login' }))))
    const form = await thief.browser.open(new URL(`${confirm.url.pathname}?correct`, confirm.url))
    const code = await thief.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: right } })
    t.regex(code.url.pathname, /sms-otp$/)

    if (stopped) {
      const browser = createHttpBrowser({ origin: server.issuer })
      const page = await browser.open(notMeLink(told))
      await browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
    }
    server.advance(6 * minute)
    const done = await thief.prove(code, right)
    t.deepEqual(await identifiers(), [owner.email, stopped ? wrong : right])
    if (!stopped) return
    t.false(done.elsewhere)
    t.regex(done.url.pathname, /\/confirm$/, 'it goes on with what was to be replaced')
    t.notRegex(done.text, /099/)
    const changes = await server.foundation.storage.changes.listByAccount(sub)
    t.false(changes.some(({ kind }) => kind === 'identifier_added'), 'nor was anybody told that it did')
  })
}
