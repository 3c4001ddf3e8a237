/** What an app lets count is all that is sent for it. */
import test from 'ava'
import type { Method } from '../../src/policy/types.ts'
import { createApp, shop } from '../helpers/app.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

const carried: [Method[], { code: boolean; link: boolean }][] = [
  [['passkey', 'email_otp'], { code: true, link: false }],
  [['passkey', 'email_link'], { code: false, link: true }],
  [['passkey', 'email_otp', 'email_link'], { code: true, link: true }],
]

for (const [methods, expected] of carried) {
  test(`an app that takes ${methods.join(', ')}`, async (t) => {
    const server = await startInProcess({ clients: [{ ...shop, latchkey: { ...shop.latchkey, methods } }] })
    t.teardown(server.dispose)
    const visitor = createVisitor(server)
    const app = await createApp(server.issuer, shop)
    await visitor.typeEmail(await visitor.arrive(await app.authorize()))
    const [mail] = (await server.outbox()).filter(({ to }) => to === visitor.email)
    t.deepEqual({ code: /^\d{6}$/m.test(mail!.text), link: /\/link\/[\w-]{43}$/m.test(mail!.text) }, expected)
    t.is(/^\d{6} is your/.test(mail!.subject), expected.code)
  })
}
