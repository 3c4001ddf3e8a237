/** What a finished login is counted as: the method that was proven last, once. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

test('a login counts once, as what was proven last; a session that was there already does not count', async (t) => {
  const server = await startInProcess({ clients: [shop] })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const logins = async () => {
    const text = await (await fetch(`${server.issuer}/metrics`)).text()
    return Object.fromEntries([...text.matchAll(/^latchkey_logins_total\{method="(\w+)"\} (\d+)$/gm)].map(([, method, count]) => [method, Number(count)]))
  }
  const arrive = async (visitor: Visitor) => visitor.arrive(await app.authorize())

  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await arrive(visitor))
  t.deepEqual(await logins(), {}, 'not finished')
  await visitor.browser.submit(await visitor.createPasskey(offer), '/passkey-create', { button: `Continue to ${shop.client_name}` })
  t.deepEqual(await logins(), { passkey: 1 }, 'a sign-up by code that goes on to a passkey')

  await arrive(visitor)
  t.deepEqual(await logins(), { passkey: 1 }, 'signed in already')

  const other = createVisitor(server)
  const otherOffer = await other.signUp(await arrive(other))
  await other.browser.submit(otherOffer, '/passkey-create', { button: 'Not now' })
  t.deepEqual(await logins(), { passkey: 1, email_otp: 1 })
})
