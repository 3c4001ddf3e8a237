/** Each strategy for numbers and for names, alone and beside another identifier: when what was typed has to be proven, and what holds until then. */
import test from 'ava'
import { createApp } from '../helpers/app.ts'
import { createNewcomer, tokensAfter } from './newcomer.ts'
import { email, identifiersIn, names, off, other, phone, scope, start, username } from './sign-up-rig.ts'

const last = ({ url }: { url: URL }) => url.pathname.split('/').at(-1)

for (const [name, beside] of Object.entries({ 'a number alone': {}, 'a number and an address': { email }, 'a number and a name': { username } })) {
  const kinds = { email: off, username: off, phone, ...beside }
  const typed = (who: ReturnType<typeof names>) =>
    'email' in beside ? { email: who.email, phone: who.phone } : 'username' in beside ? { phone: who.phone, username: who.username } : { identifier: who.phone }
  const stored = (who: ReturnType<typeof names>, proven = '') => [
    ...('email' in beside ? [`email ${who.email}`] : []), `phone ${who.e164}${proven}`, ...('username' in beside ? [`username ${who.username}`] : []),
  ]

  test(`none: ${name} is there with its passkey, and is proven by a sign-in with a text`, async (t) => {
    const { server, app } = await start(t, 'none', kinds)
    const who = names()
    const newcomer = createNewcomer(server)
    const authorization = await app.authorize({ scope })
    const page = await newcomer.fill(authorization, typed(who))
    t.is(page.heading, 'Create your passkey')
    t.is(await server.foundation.storage.identifiers.get(`phone:${who.e164}`), undefined, 'no account without its passkey')
    const made = await newcomer.createPasskey(page)
    const tokens = await authorization.finish((await newcomer.browser.submit(made, '/passkey-create')).url)
    const { sub, acr } = tokens.claims()!
    t.is(acr, 'phr')
    t.is((await app.userinfo(tokens)).phone_number_verified, false)
    t.deepEqual(await identifiersIn(server, sub), stored(who))
    t.deepEqual(await server.outbox(), [], 'nothing is sent')
    for (const next of [app, await createApp(server.issuer, other)]) {
      const silent = await next.authorize({ prompt: 'none' })
      t.is((await silent.finish((await newcomer.arrive(silent)).url)).claims()?.sub, sub, 'nothing more is asked')
    }

    const out = await newcomer.browser.open(app.signOutUrl(tokens))
    await newcomer.browser.submit(out, '/session/end/confirm', { button: 'Sign out' })
    const again = await app.authorize({ scope })
    const text = await newcomer.browser.submit(await newcomer.arrive(again), '/identifier', { button: 'Continue', values: { identifier: who.phone } })
    const proven = await tokensAfter(newcomer, again, await newcomer.prove(text, who.e164))
    t.is(proven.claims()?.sub, sub)
    t.is((await app.userinfo(proven)).phone_number_verified, true)
    t.deepEqual(await identifiersIn(server, sub), stored(who, ' proven'))
  })

  test(`before_first_login: ${name} comes straight in; whatever is asked next wants the number proven`, async (t) => {
    const { server, app } = await start(t, { email: 'none', phone: 'before_first_login' }, kinds)
    const who = names()
    const newcomer = createNewcomer(server)
    const authorization = await app.authorize({ scope })
    const offer = await newcomer.fill(authorization, typed(who))
    t.is(last(offer), 'passkey-create')
    const tokens = await tokensAfter(newcomer, authorization, offer)
    const { sub, acr } = tokens.claims()!
    t.is(acr, '0')
    t.is((await app.userinfo(tokens)).phone_number_verified, false)
    t.deepEqual(await identifiersIn(server, sub), stored(who))
    t.deepEqual(await server.outbox(), [], 'nothing is sent')

    for (const next of [app, await createApp(server.issuer, other)]) {
      t.is(last(await newcomer.arrive(await next.authorize())), 'confirm')
      const { url } = await newcomer.arrive(await next.authorize({ prompt: 'none' }))
      t.regex(url.searchParams.get('error') ?? '', /_required$/)
    }
    const again = await app.authorize({ scope })
    const text = await newcomer.browser.submit(await newcomer.arrive(again), '/confirm', { button: 'Send me a code' })
    const proven = await tokensAfter(newcomer, again, await newcomer.prove(text, who.e164))
    t.is(proven.claims()?.sub, sub, 'the same person in the browser that signed up')
    t.is((await app.userinfo(proven)).phone_number_verified, true)
    t.deepEqual(await identifiersIn(server, sub), stored(who, ' proven'))
    const silent = await app.authorize({ prompt: 'none' })
    t.is((await silent.finish((await newcomer.arrive(silent)).url)).claims()?.sub, sub)
  })
}

for (const strategy of ['none', 'before_first_login']) {
  test(`${strategy}: a name alone has nothing to be proven, and its codes come first all the same`, async (t) => {
    const { server, app } = await start(t, strategy, { email: off, phone: off, username })
    const who = names()
    const newcomer = createNewcomer(server)
    const authorization = await app.authorize({ scope })
    const page = await newcomer.fill(authorization, { identifier: who.username })
    t.is(page.heading, 'Save your recovery codes')
  })
}
