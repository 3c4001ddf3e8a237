import test from 'ava'
import { createTranslator } from '../../src/i18n/index.ts'
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
  for (const acr of ['phr', 'urn:latchkey:acr:1fa', undefined]) {
    const html = demoSignedInPage(page, { claims: { sub: 'x', acr }, userinfo: {}, notAskedAgain: false }).toString()
    t.is(html.match(/class="button primary"/g)?.length, 1, String(acr))
  }
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
