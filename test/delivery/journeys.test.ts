/** Which notices a person gets by mail, whatever way they went. */
import test, { type ExecutionContext } from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const hour = 3_600_000
const toApp = `Continue to ${shop.client_name}`

async function start(t: ExecutionContext, downgrade: 'allow' | 'notify') {
  const server = await startInProcess({ clients: [shop], config: { assurance: { downgrade }, passkeys: { prompts: { cooldown: '1m' } } } })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const read = new Set<string>()

  return {
    server,
    newVisitor: (like: Partial<Visitor> = {}) => createVisitor(server, like),
    arrive: async (visitor: Visitor) => visitor.arrive(await app.authorize({ prompt: 'login' })),
    /** what came to that address since the last look, besides codes */
    async news({ email }: Visitor): Promise<string[]> {
      const mails = (await server.outbox()).filter(({ to, text }) => to === email && !/^\s*\d{6}\s*$/m.test(text))
      const fresh = mails.filter((mail) => !read.has(JSON.stringify(mail)))
      for (const mail of fresh) read.add(JSON.stringify(mail))
      return fresh.map(({ subject, text }) => `${subject}\n${text}`)
    },
  }
}

type Rig = Awaited<ReturnType<typeof start>>

/** Signs up by code alone, and an hour later in again, making a passkey. */
async function withPasskey(t: ExecutionContext, { server, newVisitor, arrive, news }: Rig): Promise<Visitor> {
  const visitor = newVisitor()
  const offer = await visitor.signUp(await arrive(visitor))
  await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.deepEqual(await news(visitor), [], 'a new account is told nothing')

  server.advance(hour)
  const second = await visitor.typeCode(await visitor.typeEmail(await arrive(visitor)))
  const created = await visitor.createPasskey(second)
  t.true((await visitor.browser.submit(created, '/passkey-create', { button: toApp })).elsewhere)
  const [added, ...more] = await news(visitor)
  t.regex(added ?? '', /^A passkey was added to your Latchkey account\n[^]*\nThis was not me:\nhttp:\/\/\S+\/account\/not-me\/[\w-]{43}\n/)
  t.deepEqual(more, [], 'the browser is known, and there was no passkey to use instead')
  await visitor.ignoreMail()
  server.advance(hour)
  return visitor
}

/** This browser knows of the passkey, so the code has to be asked for. */
async function byCode(t: ExecutionContext, { arrive }: Rig, visitor: Visitor) {
  const page = await visitor.typeEmail(await arrive(visitor))
  const code = await visitor.browser.submit(page, '/methods', { button: `Send a code to ${visitor.email} instead` })
  t.true((await visitor.typeCode(code)).elsewhere)
}

test('a passkey is added; a code is used although the passkey is there', async t => {
  const rig = await start(t, 'notify')
  const visitor = await withPasskey(t, rig)
  await byCode(t, rig, visitor)
  const [weaker, ...more] = await rig.news(visitor)
  t.regex(weaker ?? '', /^New sign-in to your Latchkey account\n[^]*with a code by email[^]*Next time use your passkey/)
  t.deepEqual(more, [])
})

test('with downgrade: allow nobody is told of the code', async t => {
  const rig = await start(t, 'allow')
  const visitor = await withPasskey(t, rig)
  await byCode(t, rig, visitor)
  t.deepEqual(await rig.news(visitor), [])
})

test('a browser that is new to the account is told of once', async t => {
  const rig = await start(t, 'notify')
  const { email, authenticator } = await withPasskey(t, rig)
  const elsewhere = rig.newVisitor({ email, authenticator })
  t.true((await elsewhere.usePasskey(await rig.arrive(elsewhere))).elsewhere)
  const [first, ...more] = await rig.news(elsewhere)
  t.regex(first ?? '', /^New sign-in to your Latchkey account\n[^]*with a passkey[^]*First time we see this device[^]*\nThis was not me:\nhttp/)
  t.deepEqual(more, [])
  t.true((await elsewhere.usePasskey(await rig.arrive(elsewhere))).elsewhere)
  t.deepEqual(await rig.news(elsewhere), [])
})
