import test from 'ava'
import de from '../../views/locales/mail.de.json' with { type: 'json' }
import en from '../../views/locales/mail.en.json' with { type: 'json' }
import { createMails } from '../../views/mail/index.ts'

const at = Date.UTC(2026, 10, 22, 13, 5)
const mails = createMails({ name: 'Exämple', host: 'login.example.com' }, 'en')
const code = { code: '012345', app: 'Shop', life: 600_000, asker: 'Chrome on Windows', at }
const newDevice = { at, device: 'Safari on iOS', method: 'email_otp', firstTime: true, hasPasskey: true } as const

const every = (locale: string) => [
  ...(['code', 'no_account', 'account_exists'] as const).map((variant) => mails.code({ ...code, variant, locale })),
  mails.passkeyAdded({ at, device: 'Chrome on Windows', name: 'My laptop', storedIn: 'Windows Hello', locale }),
  mails.newDevice({ ...newDevice, locale }),
]

const readable = (html: string) =>
  html
    .replace(/<style>[^]*?<\/style>|<title>[^]*?<\/title>|<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ').trim()

test('the code mails say what was asked, by whom and when', (t) => {
  const footer = 'Sent by Exämple because someone used this address at login.example.com. We never ask you for a code by phone or chat.'
  const { subject, text } = mails.code({ ...code, variant: 'code' })
  t.is(subject, '012345 is your Exämple code')
  t.deepEqual(text.trim().split(/\n+/), [
    '012345',
    'Type it on the page where you asked, to go on to Shop. It works for 10 minutes.',
    'Asked by Chrome on Windows, November 22, 2026 at 13:05 UTC.',
    'Not you? Ignore this email: nobody gets in without the code.',
    '-- ',
    footer,
  ])
  t.regex(mails.code({ ...code, variant: 'no_account' }).text, /There is no account with it yet\. Type the code if you want to create one\./)
  t.regex(mails.code({ ...code, variant: 'account_exists' }).text, /You already have a Exämple account\. Type the code to sign in to it\./)
  t.is(mails.code({ ...code, variant: 'no_account' }).subject, subject)
})

test('the notices name the passkey, the device and the time', (t) => {
  const added = mails.passkeyAdded({ at, device: 'Chrome on Windows', name: 'My laptop', storedIn: 'Windows Hello' })
  t.is(added.subject, 'A passkey was added to your Exämple account')
  t.regex(added.text, /^My laptop \(Windows Hello\), November 22, 2026 at 13:05 UTC, Chrome on Windows\.$/m)
  t.regex(mails.passkeyAdded({ at, device: 'Chrome on Windows' }).text, /^A new passkey, /)

  t.regex(mails.newDevice(newDevice).text, /^Safari on iOS, November 22, 2026 at 13:05 UTC, with a code by email\.$/m)
  t.regex(mails.newDevice(newDevice).text, /Next time use your passkey/)
  t.notRegex(mails.newDevice({ ...newDevice, hasPasskey: false }).text, /Next time/)
  t.notRegex(mails.newDevice({ ...newDevice, firstTime: false }).text, /First time/)
})

for (const locale of ['en', 'de']) {
  test(`text and HTML say the same, without links, images or tracking: ${locale}`, (t) => {
    for (const { subject, text, html } of every(locale)) {
      t.is(readable(html), text.replace('-- \n', '').replace(/\s+/g, ' ').trim())
      t.true(html.includes(`<html lang="${locale}">`))
      t.regex(html, /color-scheme" content="light dark"/)
      t.notRegex(html, /<a |<img|https?:|url\(|@import/)
      t.notRegex(subject + text, /[{}]|undefined/)
    }
  })
}

test('the code stands on a line of its own, unspaced', (t) => {
  const { text, html } = mails.code({ ...code, variant: 'code' })
  t.regex(text, /^012345$/m)
  t.true(html.includes('<p class="code">012345</p>'))
})

test('both languages have the same texts with the same placeholders', (t) => {
  const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)(?=[,}])/g)].map(([, name]) => name))].sort()
  t.deepEqual(Object.keys(de), Object.keys(en))
  for (const [key, text] of Object.entries(en)) t.deepEqual(placeholders(de[key as keyof typeof de]), placeholders(text), key)
})

test('a German reads German, device and time included; who reads neither gets the default', (t) => {
  t.regex(mails.code({ ...code, variant: 'code', locale: 'de' }).text, /^Angefordert: Chrome unter Windows, 22\. November 2026 um 13:05 UTC\.$/m)
  t.is(mails.code({ ...code, variant: 'code', locale: 'fr' }).subject, '012345 is your Exämple code')
  t.is(mails.code({ ...code, variant: 'code', locale: 'toString' }).subject, '012345 is your Exämple code')
})

test('names are escaped in HTML, and a made-up browser gets no word in', (t) => {
  const html = mails.code({ ...code, variant: 'code', app: '<b>Shop</b> & "Co"' }).html
  t.true(html.includes('to &lt;b&gt;Shop&lt;&#x2F;b&gt; &amp; '))
  for (const asker of ['Call evil.example on Windows', 'https://evil.example on X', 'x', 'Chrome on Windows\r\nBcc: eve@evil.example']) {
    const { text } = mails.code({ ...code, variant: 'code', asker })
    t.regex(text, /^Asked by an unknown device, /m)
    t.notRegex(text, /evil/)
  }
})

test('help is offered where the operator has some', (t) => {
  const helpful = createMails({ name: 'Example', host: 'login.example.com', helpUrl: 'https://example.com/help' }, 'en')
  t.regex(helpful.newDevice(newDevice).text, /^Not you\? Tell us: https:\/\/example\.com\/help$/m)
})
