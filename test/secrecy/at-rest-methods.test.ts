/** Nothing that opens anything is kept or logged: text messages, names alone, what is added to an account, and keys from elsewhere. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { appCode } from '../helpers/authenticator-app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { runAccounts } from '../helpers/operator.ts'
import { type Server, startServer } from '../helpers/server.ts'
import type { Visitor } from '../helpers/visitor.ts'
import { codeIn } from '../journeys/methods-rig.ts'
import { secretsOfKey, secretsOfMails, secretsOfVisits } from './secrets.ts'
import { createWatch, type Watch } from './watch.ts'

const optional = { signIn: true, signUp: 'optional' }
const capabilities = JSON.stringify({ webauthn: true, platform: true, conditionalGet: true })
let server: Server
let app: App
let watch: Watch

test.before(async () => {
  server = await startServer({ clients: [shop], config: { identifiers: { email: optional, phone: { ...optional, defaultRegion: 'GB' }, username: optional } } })
  app = await createApp(server.issuer, shop)
  watch = createWatch(server)
})
test.after.always(() => server?.dispose())

/** "Create an account" and the form. */
async function fill(visitor: Visitor, values: { email?: string; phone?: string; username?: string }): Promise<Page> {
  const form = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  return visitor.browser.submit(form, '/sign-up', { values: { email: '', phone: '', username: '', ...values, capabilities } })
}

/** In a browser that knows nobody, after Continue. */
async function named(email: string): Promise<{ visitor: Visitor; page: Page }> {
  const visitor = watch.newVisitor({ email, script: false })
  return { visitor, page: await visitor.typeEmail(await visitor.arrive(await app.authorize())) }
}

/** By "Try another way" to the screen of a method. */
async function another({ visitor, page }: { visitor: Visitor; page: Page }, method: string): Promise<Page> {
  const list = await visitor.browser.open(new URL(page.url.pathname.replace(/[\w-]+$/, 'methods'), page.url))
  return visitor.browser.submit(list, list.forms.find(({ values }) => values['method'] === method)!)
}

/** The code of the newest text, which the search knows of. */
async function textedTo(t: ExecutionContext, number: string, known: Parameters<Server['mailTo']>[1] = []): Promise<string> {
  const text = await server.mailTo(number, known)
  const code = codeIn(text)
  t.is(secretsOfMails([text]).get(code), 'code')
  return code
}

const type = ({ browser }: Visitor, page: Page, path: string, code: string) => browser.submit(page, path, { button: 'Continue', values: { code } })

test.serial('a text message at the sign-up and at the sign-in, with wrong codes and another one', async t => {
  const number = '+447911123001'
  const visitor = watch.newVisitor()
  const page = await fill(visitor, { phone: '07911 123001' })
  t.true(page.url.pathname.endsWith('/sms-otp'), page.heading)
  await nothingIsLeft(t)
  const offer = await type(visitor, page, '/sms-otp', await textedTo(t, number))
  await visitor.browser.submit(await visitor.createPasskey(offer), '/passkey-create', { button: `Continue to ${shop.client_name}` })
  await nothingIsLeft(t)

  const known = await server.outbox()
  const again = await named(number)
  const code = await textedTo(t, number, known)
  for (const wrong of ['271828', '314159'].filter((typed) => typed !== code)) {
    watch.secrets.set(wrong, 'code')
    t.is((await type(again.visitor, again.page, '/sms-otp', wrong)).status, 400)
  }
  await nothingIsLeft(t)
  t.true((await type(again.visitor, again.page, '/sms-otp', code)).elsewhere)
  await nothingIsLeft(t)
})

test.serial('a name alone: the codes of its first page, saved and used', async t => {
  const visitor = watch.newVisitor()
  const page = await fill(visitor, { username: 'maya' })
  t.is(page.heading, 'Save your recovery codes')
  const shown = await visitor.browser.submit(page, '/recovery-codes', { button: 'Show my codes' })
  const codes = [...secretsOfVisits(visitor.browser.visits)].filter(([, what]) => what === 'recovery code').map(([code]) => code)
  t.is(codes.length, 20, 'ten, with and without the dash')
  await nothingIsLeft(t)
  await visitor.browser.submit(shown, '/recovery-codes', { button: 'Continue', values: { saved: '1' } })
  await nothingIsLeft(t)
  const elsewhere = await named('maya')
  const used = await type(elsewhere.visitor, await another(elsewhere, 'recovery_code'), '/recovery-code', codes[0] ?? '')
  t.is(used.heading, 'You used a recovery code')
  await nothingIsLeft(t)
})

test.serial('an address and a number that are added to an account', async t => {
  const visitor = watch.newVisitor()
  const { browser, email } = visitor
  const offer = await visitor.typeCode(await fill(visitor, { email }))
  await browser.submit(await visitor.createPasskey(offer), '/passkey-create', { button: `Continue to ${shop.client_name}` })
  for (const [kind, typed, to] of [['email', `more-${email}`, `more-${email}`], ['phone', '07911 123002', '+447911123002']] as const) {
    const sent = await browser.submit(await browser.open(`/account/identifier-add/${kind}`), `/identifier-add/${kind}`, { values: { identifier: typed } })
    t.true(sent.url.pathname.endsWith('/identifier-confirm'), sent.heading)
    await nothingIsLeft(t)
    const done = await type(visitor, sent, '/identifier-confirm', await textedTo(t, to))
    t.true(done.text.includes('Added:'), done.heading)
    await nothingIsLeft(t)
  }
})

test.serial('the key of an authenticator app that comes from another system', async t => {
  // RFC 6238, appendix B
  const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  for (const [form, what] of secretsOfKey(key)) watch.secrets.set(form, what)
  const file = join(server.folder, 'people.jsonl')
  await writeFile(file, JSON.stringify({ sub: 'old|1', email: 'ada@example.com', email_verified: true, totp: { key } }))
  for (const words of [['--dry-run'], [], []]) {
    const said = await runAccounts(server, 'import', file, ...words)
    t.deepEqual([...secretsOfKey(key).keys()].filter((form) => said.includes(form)), [])
    await nothingIsLeft(t)
  }
  const elsewhere = await named('ada@example.com')
  const form = await another(elsewhere, 'totp')
  const code = appCode(key, Date.now())
  watch.secrets.set(code, 'code')
  t.true((await type(elsewhere.visitor, form, '/totp', code)).elsewhere)
  await nothingIsLeft(t)
})

const nothingIsLeft = (t: ExecutionContext): Promise<void> => watch.nothingIsLeft(t)
