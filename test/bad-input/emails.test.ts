/** What people, and not only people, type where an email address is wanted. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { nothingMade, postTo, refused, signUpByCode, stillAsks, whatThereIs } from './refused.ts'

let server: Server
let app: App
setUp(() => startServer({ clients: [shop] }), (started) => ({ server, app } = started))

const long = (length: number) => `${'a'.repeat(length - '@example.com'.length)}@example.com`

const noAddress: Record<string, string> = {
  'a line break and a header': 'maya@example.com\r\nBcc: eve@example.com',
  'a line break inside': 'maya\n@example.com',
  'a line break at the end': 'maya@example.com\n',
  'a bare carriage return': 'maya@example.com\rBcc: eve@example.com',
  'a Unicode line separator': 'maya@example.com\u2028Bcc: eve@example.com',
  'a tab': 'maya\t@example.com',
  'a NUL': 'maya@example.com\0',
  '300 characters': long(300),
  'a local part above 64': long(100),
  'a zero-width space': 'maya@exam\u200bple.com',
  'a right-to-left override': 'maya@\u202emoc.elpmaxe',
  'a list': 'maya@example.com, eve@example.com',
  'a name around it': 'Maya <maya@example.com>',
  'two at signs': 'maya@example.com@evil.example',
  'no domain': 'maya@',
  'no dot in the domain': 'maya@localhost',
  'an IP address': 'maya@127.0.0.1',
  'no at sign': 'maya',
  'a blank inside': 'ma ya@example.com',
  'percent-encoding': 'maya%0a@example.com%0d%0aBcc:eve@example.com',
  'markup': '<script>alert(1)</script>@example.com',
}

/** What would be an address elsewhere is told apart, so that nobody looks for a slip. */
const otherLetters: Record<string, string> = {
  'a Cyrillic а in the local part': 'm\u0430ya@example.com',
  'an umlaut in the local part': 'jürgen@example.com',
}
const sentenceFor = (name: string) => (name in otherLetters ? 'Before the @ only letters a to z, digits and signs work.' : 'Enter an email address like name@example.com.')

for (const [name, identifier] of Object.entries({ ...noAddress, ...otherLetters })) {
  test.serial(name, async t => {
    const visitor = createVisitor(server)
    const start = await visitor.arrive(await app.authorize())
    const signUp = await visitor.browser.submit(start, '/identifier', { button: 'Create an account' })
    const mails = (await server.outbox()).length
    for (const [from, path] of [[start, '/identifier'], [signUp, '/sign-up']] as const) {
      const page = await nothingMade(t, server, () => postTo(visitor, from, path, { identifier }))
      await refused(t, { server, visitor, page, status: 400, sentence: sentenceFor(name), nextStep: 'Continue' })
      t.false(page.html.includes('<script>alert'), 'what was typed is escaped')
    }
    t.is((await server.outbox()).length, mails, 'nothing is mailed')
    t.false(server.log.join('\n').includes('eve@example.com'))
    await stillAsks(t, visitor, app)
  })
}

for (const [name, identifier] of Object.entries({ nothing: '', blanks: '   ', 'odd blanks': '\u00a0\u3000 ' })) {
  test.serial(`${name} at all`, async t => {
    const visitor = createVisitor(server)
    const start = await visitor.arrive(await app.authorize())
    const page = await nothingMade(t, server, () => postTo(visitor, start, '/identifier', { identifier }))
    await refused(t, { server, visitor, page, status: 400, sentence: 'Enter your email address.', nextStep: 'Continue' })
  })
}

const sameAddress: Record<string, (email: string) => string> = {
  'mixed case': email => email.toUpperCase(),
  'surrounding blanks': email => `  ${email} `,
  'mixed case and surrounding blanks': email => `\u00a0 ${email.replace('example', 'EXAMPLE').replace('v', 'V')}  `,
  'full-width letters': email => email.replace(/[a-z]/g, letter => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0)),
}

for (const [name, change] of Object.entries(sameAddress)) {
  test.serial(`${name}: the same mailbox, the same account`, async t => {
    const owner = createVisitor(server)
    const subject = await signUpByCode(owner, app)
    const accounts = whatThereIs(server)['accounts']?.length
    await owner.ignoreMail()
    owner.browser.cookies.clear()
    const signIn = await app.authorize()
    const code = await postTo(owner, await owner.arrive(signIn), '/identifier', { identifier: change(owner.email) })
    t.true(code.text.includes(owner.email), 'the page shows the address that the mail goes to')
    const landing = await owner.typeCode(code)
    t.is((await signIn.finish(landing.url)).claims()?.sub, subject)

    owner.browser.cookies.clear()
    const signUp = await app.authorize()
    const form = await owner.browser.submit(await owner.arrive(signUp), '/identifier', { button: 'Create an account' })
    const taken = await owner.typeCode(await postTo(owner, form, '/sign-up', { identifier: change(owner.email) }))
    t.is(taken.heading, 'You already have an account')
    t.is(whatThereIs(server)['accounts']?.length, accounts, 'no second account')
  })
}

test.serial('a look-alike domain is another address: its code goes there, and never to the account it looks like', async t => {
  const owner = createVisitor(server)
  const subject = await signUpByCode(owner, app)
  const before = (await server.outbox()).length
  const lookAlike = owner.email.replace('example', 'ex\u0430mple')
  const impostor = createVisitor(server, { email: owner.email.replace('example', 'xn--exmple-4nf') })
  const authorization = await app.authorize()
  const code = await postTo(impostor, await impostor.arrive(authorization), '/identifier', { identifier: lookAlike })
  t.true(code.text.includes(impostor.email), 'what is shown cannot be mistaken')
  const confirm = await impostor.typeCode(code)
  t.is(confirm.heading, `Create an account for ${impostor.email}?`)
  t.deepEqual((await server.outbox()).slice(0, -before).map(({ to }) => to), [impostor.email])

  const offer = await impostor.browser.submit(confirm, '/create-account', { button: 'Create account' })
  const landing = offer.elsewhere ? offer : await impostor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.not((await authorization.finish(landing.url)).claims()?.sub, subject)
})
