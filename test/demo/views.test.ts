import test from 'ava'
import { createTranslator } from '../../src/i18n/index.ts'
import { claimsByScope } from '../../src/oidc/accounts.ts'
import { outboxPage } from '../../views/demo/outbox.ts'
import { demoSignedInPage } from '../../views/demo/signed-in.ts'
import { claimTexts, demoText } from '../../views/demo/texts.ts'
import type { PageContext } from '../../views/page.ts'

const page: PageContext = {
  t: createTranslator('en'),
  locale: 'en',
  locales: ['en', 'de'],
  theme: { name: 'Latchkey' },
  themeCssUrl: '/assets/theme.css',
  asset: (name) => `/assets/${name}`,
  csrf: '',
  path: '/demo',
  base: '/demo',
}
const hostile = '"><img src=x onerror=alert(1)>'

test('what providers and mails say is text', (t) => {
  const signedIn = demoSignedInPage(page, { claims: { sub: hostile, [hostile]: hostile }, userinfo: { email: hostile, list: [hostile] }, notAskedAgain: false }).toString()
  const mailbox = outboxPage(page, { messages: [{ channel: 'mail', to: hostile, subject: hostile, text: hostile, at: 0 }], origin: 'http://localhost:3000' }).toString()
  for (const html of [signedIn, mailbox]) {
    t.false(html.includes('<img src=x'))
    t.true(html.includes('&lt;img src&#x3D;x'))
  }
})

test('exactly one button is filled, whatever the assurance', (t) => {
  for (const amr of [['pop', 'user', 'mfa'], ['otp'], undefined]) {
    const html = demoSignedInPage(page, { claims: { sub: 'x', amr }, userinfo: {}, notAskedAgain: false }).toString()
    t.is(html.match(/class="button primary"/g)?.length, 1, String(amr))
  }
})

const ways: [string, { acr?: unknown; amr?: unknown }, RegExp][] = [
  ['a passkey', { acr: 'phr', amr: ['pop', 'user', 'mfa'] }, /With a passkey, and/],
  ['a passkey where less was asked for', { acr: 'urn:latchkey:acr:mfa', amr: ['pop', 'user', 'mfa'] }, /With a passkey, and/],
  ['a code by email or from an app', { acr: 'urn:latchkey:acr:1fa', amr: ['otp'] }, /With a code by email or from an authenticator app\./],
  ['a text message', { acr: 'urn:latchkey:acr:1fa', amr: ['sms'] }, /With a code by text message\./],
  ['two codes', { acr: 'urn:latchkey:acr:mfa', amr: ['sms', 'otp', 'mfa'] }, /With two different codes\./],
  ['a recovery code', { acr: 'urn:latchkey:acr:recovery', amr: ['otp'] }, /With a recovery code\./],
  ['a sign-up without a proof', { acr: '0', amr: [] }, /nothing about it is proven yet/],
  ['what it does not know', { acr: 'urn:example', amr: 'otp' }, /see acr and amr below/],
]
for (const [name, claims, words] of ways) {
  test(`the app says how somebody came in: ${name}`, (t) => {
    const html = demoSignedInPage(page, { claims: { sub: 'x', ...claims }, userinfo: {}, notAskedAgain: false }).toString()
    t.regex(/<strong class="wrap">x<\/strong><br>(.*?)<\/p>/.exec(html)?.[1] ?? '', words)
  })
}

test('who has no email is called by the username, else by the number', (t) => {
  const calledBy = (userinfo: Record<string, unknown>) =>
    /<strong class="wrap">(.*?)<\/strong>/.exec(demoSignedInPage(page, { claims: { sub: 'x' }, userinfo, notAskedAgain: false }).toString())?.[1]
  const [email, preferred_username, phone_number] = ['a@b.c', 'alice', '+447911123456']
  t.deepEqual([{ email, preferred_username }, { preferred_username, phone_number }, { phone_number }, {}].map(calledBy), [email, preferred_username, phone_number, 'x'])
})

test('every claim that a scope of the demo app gives is explained', (t) => {
  for (const claim of Object.values(claimsByScope).flat()) t.truthy(claimTexts.en[claim], claim)
})

test('a mail without a code is shown whole', (t) => {
  const html = outboxPage(page, { messages: [{ channel: 'mail', to: 'a@b.c', subject: 'A passkey was added', text: 'It can now sign in.', at: 0 }], origin: 'http://localhost:3000' }).toString()
  t.true(html.includes('It can now sign in.'))
  t.false(html.includes('<details>'))
})

test('a text message is shown with its code, and no subject', (t) => {
  const text = '419037 is your Example code for Shop.\n\n@localhost #419037'
  const html = outboxPage(page, { messages: [{ channel: 'sms', to: '+447911123456', text, at: 0 }], origin: 'http://localhost:3000' }).toString()
  t.true(html.includes('<h2>Text message</h2>'))
  t.regex(html, /<\/span>419037<\/p>/)
  t.true(html.includes('+447911123456'))
})

test('links of the provider itself can be followed in the mailbox, and no others', (t) => {
  const text = 'This was not me:\nhttp://localhost:3000/account/not-me/abc\n\nhttp://localhost:30001/x\nhttps://evil.example/\nsee http://localhost:3000/y\n'
  const html = outboxPage(page, { messages: [{ channel: 'mail', to: 'a@b.c', subject: 'x', text, at: 0 }], origin: 'http://localhost:3000' }).toString()
  t.deepEqual([...html.matchAll(/<pre.*?<\/pre>/gs)].flatMap(([mail]) => [...mail.matchAll(/href="([^"]*)"/g)].map(([, url]) => url)), ['http:&#x2F;&#x2F;localhost:3000&#x2F;account&#x2F;not-me&#x2F;abc'])
})

test('both languages say the same things', (t) => {
  t.deepEqual(Object.keys(claimTexts.de), Object.keys(claimTexts.en))
  for (const key of ['startText', 'stepLeave', 'idTokenText', 'outboxText'] as const) {
    for (const locale of ['en', 'de'] as const) t.true(demoText({ locale, brand: 'Example' }, key).includes('Example'), `${locale} ${key}`)
  }
})
