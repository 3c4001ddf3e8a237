/** The code that a link shows elsewhere: what is charged for one that never came. */
import test from 'ava'
import { account, createWorld, named } from './world.ts'

const maya = named('email', 'maya@example.com')

test('a link that is refused in the very moment its code is asked for shows none, and costs nothing', async (t) => {
  const { methods, links, ephemeral, arrived } = createWorld([account('maya', [{ ...maya, verifiedAt: 1 }])], { methods: ['email_otp', 'email_link'] })
  const send = (cid: string) =>
    methods.email_otp.send!({ cid, purpose: 'sign_in', typed: maya, app: 'Shop', locale: 'en', asker: 'Chrome on Windows', interaction: { uid: cid, deviceHash: 'laptop', clientId: 'shop' } })
  t.like(await send('first'), { ok: true })
  const { ticket = '' } = arrived[0]!

  const { update } = ephemeral
  ephemeral.update = async (key, fn) => {
    if (key.startsWith('budget:')) return update(key, fn)
    ephemeral.update = update
    t.true(await links.refuse(ticket))
    return update(key, fn)
  }
  t.is(await links.reveal(ticket), undefined)

  t.like(await send('second'), { ok: true })
  t.like(await send('third'), { ok: true }, 'three messages in a quarter of an hour, and no code was shown')
  t.like(await send('fourth'), { ok: false, reason: 'send_limit' })
})
