/** Whoever plants a session or a link in somebody's browser is not signed in by what that person then does. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

const isSession = ({ name }: { name: string }) => name.startsWith('latchkey_session')

test('session fixation by a crafted link: the address of a login opens nothing in another browser, and finishing it there signs nobody in', async (t) => {
  const attacker = createVisitor(server)
  const trap = await attacker.arrive(await app.authorize())

  const victim = createVisitor(server)
  for (const path of ['', '/email-otp', '/passkey', '/methods', '/sign-up', '/create-account', '/passkey-create']) {
    const page = await victim.browser.open(`${trap.url.pathname}${path}`)
    t.is(page.status, 400, path)
    t.false(page.forms.some(({ action }) => action.includes('/interaction/')), 'nothing to type a secret into')
  }
  t.is((await victim.browser.open(trap.url.pathname.replace('/interaction/', '/auth/'))).status, 400)
  const own = await attacker.browser.open(trap.url)
  t.is(own.heading, 'Sign in', 'it is where it was: nothing was proven')
})

test('session fixation by a pre-made session: signing in changes its id, and the planted one stays nobody', async (t) => {
  const attacker = createVisitor(server)
  await attacker.arrive(await app.authorize())
  // an anonymous session of the attacker's, as the sign-out page makes one
  await attacker.browser.open('/session/end')
  const planted = attacker.browser.cookies.all().filter(isSession)
  t.true(planted.length > 0, 'there is one to plant')

  const victim = createVisitor(server)
  victim.browser.cookies.store(new URL(server.issuer), planted.map(({ name, value }) => `${name}=${value}; Path=/`))
  const authorization = await app.authorize()
  const created = await victim.createPasskey(await victim.signUp(await victim.arrive(authorization)))
  const { url } = await victim.browser.submit(created, '/passkey-create', { button: `Continue to ${shop.client_name}` })
  t.truthy((await authorization.finish(url)).claims()?.sub)

  const [before, after] = [planted, victim.browser.cookies.all().filter(isSession)].map((cookies) => cookies.find(({ name }) => name === 'latchkey_session')?.value)
  t.not(after, before)
  const again = await attacker.arrive(await app.authorize())
  t.false(again.elsewhere)
  t.is(again.heading, 'Sign in')
})

test('session fixation by the attacker’s own live session: who signs in over it takes none of its proofs along', async (t) => {
  const attacker = createVisitor(server)
  const mine = await app.authorize()
  const made = await attacker.createPasskey(await attacker.signUp(await attacker.arrive(mine)))
  await attacker.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })

  const victim = createVisitor(server)
  victim.browser.cookies.store(new URL(server.issuer), attacker.browser.cookies.all().filter(isSession).map(({ name, value }) => `${name}=${value}; Path=/`))
  const theirs = await app.authorize({ prompt: 'login' })
  const offer = await victim.signUp(await victim.arrive(theirs))
  let page = await victim.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  // the engine asks the new person to sign out the other one first, by a form that posts itself
  for (let form = page.forms[0]; !page.elsewhere && form; form = page.forms[0]) page = await victim.browser.submit(page, form)
  const claims = (await theirs.finish(page.url)).claims()
  t.is(claims?.['acr'], 'urn:latchkey:acr:1fa', 'not the passkey of the session that was planted')

  const attackers = await attacker.arrive(await app.authorize())
  if (attackers.elsewhere) {
    t.is(attackers.url.searchParams.get('error'), null)
    t.not((await server.foundation.storage.accounts.get(claims?.sub ?? ''))?.identifiers[0]?.value, attacker.email)
  } else t.is(attackers.heading, 'Sign in')
})
