/** Texts, authenticator apps and recovery codes: as the way to sign in, and as the way out when another one does not work. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade } from '../bad-input/refused.ts'
import { codeIn, type MethodsServer, startMethodsServer } from './methods-rig.ts'

let server: MethodsServer
let app: App
setUp(() => startMethodsServer({ clients: [shop] }), (started) => ({ server, app } = started))

const script = JSON.stringify({ webauthn: true, platform: true })

/** A browser that knows nobody, after Continue. */
async function named(identifier: string, parameters: Record<string, string> = {}) {
  const visitor = createVisitor(server)
  const authorization = await app.authorize(parameters)
  const start = await visitor.arrive(authorization)
  const page = await visitor.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier, capabilities: script } })
  return { visitor, authorization, page }
}

/** From any screen by "Try another way" to the screen of a method. */
async function another({ browser }: Visitor, page: Page, method: string): Promise<Page> {
  const href = page.links.find(({ text }) => text === 'Try another way')?.href ?? ''
  const list = await browser.open(new URL(href, page.url))
  const form = list.forms.find(({ values }) => values['method'] === method)
  if (!form) throw new Error(`no ${method} on: ${page.alerts} ${page.heading} > ${list.heading}: ${list.text}`)
  return browser.submit(list, form)
}

const type = ({ browser }: Visitor, page: Page, path: string, code: string): Promise<Page> => browser.submit(page, path, { button: 'Continue', values: { code } })

/** What stands between a code and the app for who has no passkey. */
const past = ({ browser }: Visitor, page: Page): Promise<Page> | Page =>
  page.heading === 'Sign in faster next time' ? browser.submit(page, '/passkey-create', { button: 'Not now' }) : page

test.serial('a number is typed as people write it, and a text signs in', async t => {
  const person = await server.somebody()
  const { visitor, authorization, page } = await named(`0${person.phone.slice(3, 7)} ${person.phone.slice(7)}`)
  t.is(page.heading, 'Check your phone')
  t.true(page.text.includes(`+44 ${person.phone.slice(3, 7)} ${person.phone.slice(7)}`))
  const text = await server.messageTo(person.phone)
  t.regex(text.text, /^\d{6} is your/)
  const landing = await past(visitor, await type(visitor, page, '/sms-otp', codeIn(text)))
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.sub, person.account.id)
  t.is(claims?.['acr'], 'urn:latchkey:acr:1fa')
  t.deepEqual(claims?.['amr'], ['sms'])
})

test.serial('a code pasted with a blank in it, as phones copy it', async t => {
  const person = await server.somebody()
  const { visitor, page } = await named(person.phone)
  const code = codeIn(await server.messageTo(person.phone))
  const landing = await past(visitor, await type(visitor, page, '/sms-otp', `${code.slice(0, 3)} ${code.slice(3)}`))
  t.true(landing.elsewhere)
})

test.serial('a text as the fallback of an address: to the number of the account, of which nothing is told', async t => {
  const person = await server.somebody()
  const { visitor, authorization, page } = await named(person.email)
  t.is(page.heading, 'Check your email')
  const sms = await another(visitor, page, 'sms_otp')
  t.is(sms.heading, 'Check your phone')
  t.true(sms.text.includes('We sent a text message with a 6-digit code to your phone.'))
  t.false(sms.html.includes(person.phone.slice(-4)))
  const landing = await past(visitor, await type(visitor, sms, '/sms-otp', codeIn(await server.messageTo(person.phone))))
  t.is((await authorization.finish(landing.url)).claims()?.sub, person.account.id)
})

test.serial('an authenticator app, after an address, a number or a name', async t => {
  const person = await server.somebody()
  for (const identifier of [person.email, person.phone, person.username]) {
    server.advance(30_000)
    const { visitor, authorization, page } = await named(identifier)
    const form = await another(visitor, page, 'totp')
    t.is(form.heading, 'Enter the code from your app')
    const landing = await past(visitor, await type(visitor, form, '/totp', person.appCode()))
    const claims = (await authorization.finish(landing.url)).claims()
    t.is(claims?.sub, person.account.id)
    t.deepEqual(claims?.['amr'], ['otp'])
    t.is(claims?.['acr'], 'urn:latchkey:acr:1fa')
  }
})

test.serial('what an app shows is good once, in whatever browser', async t => {
  const person = await server.somebody()
  const code = person.appCode()
  const first = await named(person.email)
  const landing = await past(first.visitor, await type(first.visitor, await another(first.visitor, first.page, 'totp'), '/totp', code))
  t.true(landing.elsewhere)
  const second = await named(person.email)
  const form = await another(second.visitor, second.page, 'totp')
  const again = await nothingMade(t, server, () => type(second.visitor, form, '/totp', code))
  t.is(again.status, 400)
  t.is(again.heading, 'Enter the code from your app')
})

test.serial('a recovery code signs in, says how many are left, and tells by mail', async t => {
  const person = await server.somebody()
  const { visitor, authorization, page } = await named(person.email)
  const form = await another(visitor, page, 'recovery_code')
  t.is(form.heading, 'Enter a recovery code')
  const [code = ''] = person.recoveryCodes
  const used = await type(visitor, form, '/recovery-code', code.toLowerCase().replace('-', ' '))
  t.is(used.heading, 'You used a recovery code')
  t.true(used.text.includes('9 left. We told you by email.'))
  const mails = (await server.outbox()).filter(({ to }) => to === person.email)
  t.true(mails.some(({ subject }) => /recovery code was used/.test(subject)))
  const landing = await past(visitor, await visitor.browser.submit(used, '/recovery-code-used', { button: `Continue to ${shop.client_name}` }))
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.sub, person.account.id)
  t.is(claims?.['acr'], 'urn:latchkey:acr:recovery')

  const second = await named(person.email)
  const again = await nothingMade(t, server, async () => type(second.visitor, await another(second.visitor, second.page, 'recovery_code'), '/recovery-code', code))
  t.is(again.status, 400)
})

test.serial('who lost every passkey is one press away from a new one, which has to cool', async t => {
  const person = await server.somebody({ passkeysOnlySince: 1 })
  const { visitor, authorization, page } = await named(person.email)
  const used = await type(visitor, await another(visitor, page, 'recovery_code'), '/recovery-code', person.recoveryCodes[1] ?? '')
  const offer = await visitor.browser.submit(used, '/recovery-code-used', { button: 'Create a passkey' })
  const done = await visitor.createPasskey(offer)
  t.is(done.heading, 'Your passkey is ready')
  const landing = await visitor.browser.submit(done, '/passkey-create', { button: `Continue to ${shop.client_name}` })
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:recovery', 'making one proves nothing')
  const [id = ''] = (await server.account(person.account.id))?.credentialIds ?? []
  t.truthy((await server.foundation.storage.passkeys.get(id))?.coolingUntil)
})

test.serial('an account of passkeys only takes a recovery code, and no other code', async t => {
  const person = await server.somebody({ passkeysOnlySince: 1 })
  const { visitor, authorization, page } = await named(person.email)
  const app = await nothingMade(t, server, async () => type(visitor, await another(visitor, page, 'totp'), '/totp', person.appCode()))
  t.is(app.status, 400, 'as if there were none')
  const used = await type(visitor, await another(visitor, app, 'recovery_code'), '/recovery-code', person.recoveryCodes[0] ?? '')
  t.is(used.heading, 'You used a recovery code')
  const landing = await past(visitor, await visitor.browser.submit(used, '/recovery-code-used', { button: `Continue to ${shop.client_name}` }))
  t.is((await authorization.finish(landing.url)).claims()?.sub, person.account.id)
})

test.serial('two kinds together: a code by email, then the app', async t => {
  const person = await server.somebody()
  const { visitor, authorization, page } = await named(person.email, { acr_values: 'urn:latchkey:acr:mfa' })
  const stepUp = await type(visitor, page, '/email-otp', codeIn(await server.messageTo(person.email)))
  t.is(stepUp.heading, 'Confirm it is you')
  const form = await another(visitor, stepUp, 'totp')
  t.is(form.heading, 'Enter the code from your app')
  t.false(form.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Change')), 'who it is, is not up for change')
  const landing = await past(visitor, await type(visitor, form, '/totp', person.appCode()))
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.['acr'], 'urn:latchkey:acr:mfa')
  t.deepEqual([...(claims?.['amr'] as string[])].sort(), ['mfa', 'otp'])
})

test.serial('after a proof the end of the number is told, never all of it', async t => {
  const person = await server.somebody()
  const { visitor, page } = await named(person.email, { acr_values: 'urn:latchkey:acr:mfa' })
  const stepUp = await type(visitor, page, '/email-otp', codeIn(await server.messageTo(person.email)))
  const sms = await another(visitor, stepUp, 'sms_otp')
  t.true(sms.text.includes(`to your number ending ${person.phone.slice(-2)}.`))
  t.false(sms.html.includes(person.phone.slice(-5)))
  t.true((await past(visitor, await type(visitor, sms, '/sms-otp', codeIn(await server.messageTo(person.phone))))).elsewhere)
})

test.serial('nobody: every screen is there, says the same, and takes nothing', async t => {
  for (const identifier of ['nobody@example.com', '+447911125999', 'unknown-person']) {
    const { visitor, page } = await named(identifier)
    for (const [method, path] of [['totp', '/totp'], ['recovery_code', '/recovery-code'], ['sms_otp', '/sms-otp']] as const) {
      const form = await another(visitor, page, method)
      const answer = await nothingMade(t, server, () => type(visitor, form, path, method === 'recovery_code' ? '4KTP-9WQX' : '123456'))
      t.is(answer.status, 400)
      t.true(answer.alerts.join().includes('That code is not right. Check it and try again.'), `${identifier} ${method}: ${answer.alerts}`)
    }
  }
})

test.serial('a sign-up with a number is proven by a text', async t => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const form = await visitor.browser.submit(await visitor.arrive(authorization), '/identifier', { button: 'Create an account' })
  const sent = await visitor.browser.submit(form, '/sign-up', { values: { phone: '07911 888777', email: '', username: '', capabilities: script } })
  t.is(sent.heading, 'Confirm your mobile number')
  const offer = await type(visitor, sent, '/sms-otp', codeIn(await server.messageTo('+447911888777')))
  const landing = await past(visitor, offer)
  t.truthy((await authorization.finish(landing.url)).claims()?.sub)
})

test.serial('another one by the same recovery code at the same time: one of them gets in', async t => {
  const person = await server.somebody()
  const forms = await Promise.all([0, 1, 2, 3].map(async () => {
    const { visitor, page } = await named(person.email)
    return { visitor, form: await another(visitor, page, 'recovery_code') }
  }))
  const answers = await Promise.all(forms.map(({ visitor, form }) => type(visitor, form, '/recovery-code', person.recoveryCodes[2] ?? '')))
  t.is(answers.filter(({ heading }) => heading === 'You used a recovery code').length, 1)
})
