/** Somebody signs up with a stranger's address and wants to skip "Confirm your email" at other apps: by the way back in, and by going on without the level. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createNewcomer } from '../login/newcomer.ts'
import { postTo } from '../bad-input/refused.ts'

const bankClient = { ...shop, client_id: 'bank', client_name: 'Example Bank', redirect_uris: ['http://localhost:8/bank'], client_secret: 'another secret that only the bank and its provider know' }
const lax = { ...shop, latchkey: { firstParty: true, verification: { strategy: 'before_first_login' } } }

for (const [name, server_, first_] of [
  ['server: before_first_login', { verification: { strategy: 'before_first_login' } }, shop],
  ['server: at_sign_up, one app: before_first_login', {}, lax],
] as const) test(`tokens for another app with an address that nobody has proven (${name})`, async (t) => {
  const server = await startInProcess({ config: server_, clients: [first_, bankClient] })
  t.teardown(() => server.dispose())
  const app = await createApp(server.issuer, shop)
  const bank = await createApp(server.issuer, bankClient)
  const attacker = createNewcomer(server)
  const first = await app.authorize()
  let page = await attacker.fill(first, { identifier: 'victim@example.com' })
  if (!page.elsewhere) page = await attacker.browser.submit(page, '/passkey-create', { button: 'Not now' })
  await first.finish(page.url)
  t.is((await attacker.arrive(await bank.authorize())).heading, 'Confirm your email', 'the honest way asks')

  const trap = await bank.authorize({ acr_values: 'phr', scope: 'openid email offline_access' })
  const asked = await attacker.arrive(trap)
  await postTo(attacker, asked, '/recovery', { begin: '1' })
  const end = await postTo(attacker, asked, '/step-up', {})
  const got = await trap.finish(end.url).then(async (tokens) => JSON.stringify(await bank.userinfo(tokens)), (e: Error) => e.message)
  t.log(got)
  t.notRegex(got, /victim@example\.com/, 'the bank got tokens')
})
