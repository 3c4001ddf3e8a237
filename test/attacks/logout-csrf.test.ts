/** Nobody is signed out by another site. */
import test from 'ava'
import { type App, shop, type Tokens } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

async function signedIn(): Promise<{ visitor: Visitor; tokens: Tokens }> {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const { url } = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  return { visitor, tokens: await authorization.finish(url) }
}

const isStillIn = async (visitor: Visitor) => (await visitor.arrive(await app.authorize())).elsewhere

test('logout CSRF: an address signs nobody out, also with the right ID token; the page asks', async (t) => {
  const { visitor, tokens } = await signedIn()
  for (const url of ['/session/end', '/session/end?logout=yes', app.signOutUrl(tokens), app.signOutUrl(tokens, { logout: 'yes' })]) {
    const page = await visitor.browser.open(url, { headers: { 'sec-fetch-site': 'cross-site' } })
    t.regex(page.heading, /^Sign out of/)
  }
  t.true(await isStillIn(visitor))
})

test('logout CSRF: the sign-out form needs its own token, and our own page', async (t) => {
  const { visitor, tokens } = await signedIn()
  const page = await visitor.browser.open(app.signOutUrl(tokens))
  const form = page.forms.find(({ values }) => 'xsrf' in values)
  t.truthy(form)
  const blind = await visitor.browser.submit(page, form!, { values: { xsrf: 'guessed', logout: 'yes' } })
  t.true(blind.status >= 400)
  t.true(await isStillIn(visitor))

  const again = await visitor.browser.open(app.signOutUrl(tokens))
  const formAgain = again.forms.find(({ values }) => 'xsrf' in values)!
  const spelt = { ...formAgain, action: formAgain.action.replace('/session/end/confirm', '/Session/End/Confirm/') }
  for (const form of [formAgain, spelt]) {
    const foreign = await visitor.browser.submit(again, form, { button: 'Sign out', headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } })
    t.is(foreign.status, 403, form.action)
  }
  t.true(await isStillIn(visitor))

  const own = await visitor.browser.open(app.signOutUrl(tokens))
  await visitor.browser.submit(own, own.forms.find(({ values }) => 'xsrf' in values)!, { button: 'Sign out' })
  t.false(await isStillIn(visitor), 'the button itself works')
})
