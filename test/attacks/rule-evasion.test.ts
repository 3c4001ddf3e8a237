/** What a browser says of itself decides what it is offered, and switches off none of the operator's rules. */
import test from 'ava'
import { refused, signUpWithPasskey, stillAsks } from '../bad-input/refused.ts'
import { createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

const minute = 60_000
const day = 24 * 60 * minute

test('rule evasion: a guesser whose browser knows no passkeys, or so it says, is asked for more all the same, and has ways on', async (t) => {
  const server = await startInProcess({ clients: [shop] })
  t.teardown(() => server.dispose())
  const app = await createApp(server.issuer, shop)
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  server.advance(2 * day)
  const code = async (visitor: ReturnType<typeof createVisitor>): Promise<Page> => {
    server.advance(16 * minute)
    await visitor.ignoreMail()
    return visitor.typeEmail(await visitor.arrive(await app.authorize()))
  }
  for (const _ of [1, 2]) {
    const guesser = createVisitor(server, { email: owner.email })
    const sent = await code(guesser)
    for (let n = 0; n < 4; n++) await guesser.typeCode(sent, 'wrong!')
  }

  const mute = createVisitor(server, { email: owner.email, script: false })
  const page = await mute.typeCode(await code(mute))
  t.false(page.elsewhere)
  t.is(page.heading, 'Confirm it is you')
  t.regex(page.text, /does not work in this browser/)
  await refused(t, { server, visitor: mute, page, status: 200, sentence: 'This sign-in is unusual', nextStep: 'Go back to Example Shop' })
  await refused(t, { server, visitor: mute, page, status: 200, sentence: 'This sign-in is unusual', nextStep: 'I have lost my passkeys' })
  await stillAsks(t, mute, app)
})
