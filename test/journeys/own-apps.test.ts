/** The operator's own apps use the passkeys: what iOS and Android say instead of an origin of the web is taken, and from no other app. */
import test from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7))
const fingerprint = bytes.toString('hex').toUpperCase().match(/../g)?.join(':') ?? ''
const android = (certificate: Buffer) => `android:apk-key-hash:${certificate.toString('base64url')}`

let server: InProcess
let app: App
test.before(async () => {
  server = await startInProcess({ clients: [shop], config: { passkeys: { apps: { apple: ['ABCDE12345.com.example.shop'], android: { 'com.example.shop': [fingerprint] } } } } })
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

test('a passkey is made and used by an app that is configured', async (t) => {
  for (const origin of [android(bytes), 'https://localhost']) {
    const visitor = createVisitor(server)
    const made = await visitor.createPasskey(await visitor.signUp(await visitor.arrive(await app.authorize())), { origin })
    t.is(made.heading, 'Your passkey is ready', origin)
    const again = createVisitor(server, { authenticator: visitor.authenticator })
    t.true((await again.usePasskey(await again.arrive(await app.authorize()), { origin })).elsewhere, origin)
  }
})

test('an app that somebody else signed is refused', async (t) => {
  const visitor = createVisitor(server)
  await visitor.createPasskey(await visitor.signUp(await visitor.arrive(await app.authorize())))
  for (const origin of [android(Buffer.alloc(32)), `${android(bytes)}=`, 'https://localhost:8443', 'ios:bundle-id:com.example.shop']) {
    const again = createVisitor(server, { authenticator: visitor.authenticator })
    const refused = await again.usePasskey(await again.arrive(await app.authorize()), { origin })
    t.false(refused.elsewhere, origin)
    t.regex(refused.text, /This address is not set up for passkeys/)
  }
})
