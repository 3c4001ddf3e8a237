import test from 'ava'
import de from '../../views/locales/mail.de.json' with { type: 'json' }
import en from '../../views/locales/mail.en.json' with { type: 'json' }
import { createMails } from '../../views/mail/index.ts'

const at = Date.UTC(2026, 10, 22, 13, 5)
const mails = createMails({ name: 'Exämple', host: 'login.example.com' }, 'en')
const code = { purpose: 'sign_in', code: '012345', app: 'Shop', life: 600_000, asker: 'Chrome on Windows', at } as const
const link = 'https://login.example.com/link/abc_-9'
const newDevice = { at, device: 'Safari on iOS', method: 'email_otp', firstTime: true, hasPasskey: true } as const

const where = { at, device: 'Chrome on Windows' }
const notMeUrl = 'https://login.example.com/account/not-me/abc_-9'
const details = [
  'recovery_cancelled', 'help_link_used', 'passkeys_only_on', 'passkeys_only_off', 'recovery_codes_made', 'new_recovery_codes', 'frozen', 'restored', 'kept',
  'identifier_added', 'identifier_removed', 'identifier_changed', 'identifier_confirmed', 'method_added', 'method_removed',
] as const

const variants = ['code', 'no_account', 'account_exists', 'unproven', 'confirm', 'passkeys_only'] as const
const codes = (locale: string) => variants.map((variant) => mails.code({ ...code, variant, locale }))

/** `more`: with a button, with a place */
const notices = (locale: string, more: { notMeUrl?: string; place?: { country?: string; city?: string } } = {}) => {
  const props = { ...where, ...more, locale }
  return [
    mails.passkeyAdded({ ...props, name: 'My laptop', storedIn: 'Windows Hello' }),
    mails.passkeyRemoved({ ...props, createdAt: at, left: { passkeys: true, code: true } }),
    mails.passkeyRemoved({ ...props, createdAt: at, left: { passkeys: false, code: false } }),
    mails.newDevice({ ...newDevice, ...more, locale }),
    mails.recoveryStarted({ ...props, readyAt: at + 86_400_000 }),
    mails.recoveryUsed({ ...props, codesLeft: 7 }),
    mails.recoveryUsed({ ...props, codesLeft: 3 }),
    mails.recoveryUsed({ ...props, codesLeft: 0 }),
    mails.recoveryUsed(props),
    mails.detailsChanged({ ...props, what: 'method_added', subject: 'totp' }),
    mails.detailsChanged({ ...props, what: 'method_removed', subject: 'totp' }),
    ...details.map((what) => mails.detailsChanged({ ...props, what, subject: 'sam@example.org', until: at + 7 * 86_400_000 })),
    mails.detailsChanged({ ...props, what: 'identifier_added' }),
  ]
}

const readable = (html: string) =>
  html
    .replace(/<a class="button" href="([^"]*)">([^<]*)<\/a>/g, '$2: $1')
    .replace(/<style>[^]*?<\/style>|<title>[^]*?<\/title>|<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&#x2F;', '/').replaceAll('&amp;', '&')
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

test('a mail with a link and a code has both, one with a link alone says so in its subject, and neither has the address of anything else', (t) => {
  const both = mails.code({ ...code, link, variant: 'code', place: 'Leeds' })
  t.is(both.subject, '012345 is your Exämple code')
  t.deepEqual(both.text.trim().split(/\n+/).slice(0, 6), [
    '012345',
    'Type it on the page where you asked, to go on to Shop. It works for 10 minutes.',
    'Or press the button on the device where you asked. On another device it shows a code instead.',
    'Sign in:',
    link,
    'Asked by Chrome on Windows, Leeds, November 22, 2026 at 13:05 UTC.',
  ])
  const { code: _, ...codeless } = code
  const alone = mails.code({ ...codeless, link, variant: 'code' })
  t.is(alone.subject, 'Your link to sign in to Exämple')
  t.notRegex(alone.text + alone.html, /012345|undefined/)
  t.deepEqual(alone.text.trim().split(/\n+/).slice(0, 3), [
    'Press the button on the device where you asked, to go on to Shop. On another device it shows a code instead. It works once, for 10 minutes.',
    'Sign in:',
    link,
  ])
  for (const carries of [{ ...code, link }, { ...codeless, link }, code])
    for (const locale of ['en', 'de'])
      for (const variant of variants) {
        const { text, html } = mails.code({ ...carries, variant, locale })
        const here = variant !== 'passkeys_only' && 'link' in carries
        t.is(text.includes(link), here, `${variant} ${locale}`)
        t.deepEqual([...html.matchAll(/href="([^"]*)"/g)].map(([, to]) => to?.replaceAll('&#x2F;', '/')), here ? [link] : [])
        if (!('code' in carries)) t.notRegex(text, /(type|enter) the code|Geben Sie den Code/i)
      }
})

test('where an address was reserved by somebody, its owner hears that nobody has confirmed it, and of no account', (t) => {
  const { text } = mails.code({ ...code, variant: 'unproven' })
  t.regex(text, /nobody has confirmed it yet\. Type the code on the page where you asked to confirm that it is yours\./)
  t.regex(text, /If somebody else gave it, confirming it takes it away from them\./)
  t.notRegex(text, /your account|have a/)
})

test('somebody who is known says that an address is theirs: its owner hears who asked, and that nothing comes of ignoring it', (t) => {
  const { text } = mails.code({ ...code, purpose: 'confirm', variant: 'confirm', link })
  t.regex(text, /Someone who is signed in to Exämple says that this address is theirs\. Is that you\?/)
  t.regex(text, /nobody can use your address without the code/)
  t.regex(text, new RegExp(`Confirm:\n${link}`))
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
  test(`text and HTML say the same, without images, tracking or a link besides the button: ${locale}`, (t) => {
    const place = { country: 'GB', city: 'Leeds' }
    for (const { subject, text, html } of [...codes(locale), ...notices(locale), ...notices(locale, { notMeUrl, place })]) {
      t.is(readable(html), text.replace('-- \n', '').replace(/\s+/g, ' ').trim())
      t.true(html.includes(`<html lang="${locale}">`))
      t.regex(html, /color-scheme" content="light dark"/)
      t.notRegex(html.replace(/<a class="button" href="https:&#x2F;&#x2F;login\.example\.com&#x2F;account&#x2F;not-me&#x2F;abc_-9">/, ''), /<a |<img|https?:|url\(|@import/)
      t.notRegex(subject + text, /[{}]|undefined/)
    }
    for (const { html } of codes(locale)) t.notRegex(html, /<a /)
  })

  test(`every notice of a change has the button, on a line of its own in the text: ${locale}`, (t) => {
    for (const { text, html } of notices(locale, { notMeUrl })) {
      t.regex(text, /^(This was not me|Das war ich nicht):\nhttps:\/\/login\.example\.com\/account\/not-me\/abc_-9$/m)
      t.is(html.split('class="button" href').length, 2)
    }
    for (const { text } of notices(locale)) t.notRegex(text, /This was not me|Das war ich nicht/)
  })

  test(`the place is said when it is known, and left out otherwise: ${locale}`, (t) => {
    for (const { text, subject } of notices(locale, { place: { country: 'GB', city: 'Leeds' } })) t.regex(text, /, Leeds[.,]/, subject)
    for (const { text } of notices(locale)) t.notRegex(text, /, ,|, \.|,,/)
  })
}

test('what each notice says', (t) => {
  const time = 'November 22, 2026 at 13:05 UTC'
  const said = (mail: { subject: string; text: string }) => [mail.subject, ...mail.text.split('\n-- \n')[0]!.split(/\n+/).filter(Boolean)]
  const props = { ...where, notMeUrl, place: { city: 'Leeds' } }
  const button = ['This was not me:', notMeUrl]
  t.deepEqual(said(mails.passkeyAdded({ ...props, name: 'My laptop', storedIn: 'Windows Hello' })), [
    'A passkey was added to your Exämple account', `My laptop (Windows Hello), ${time}, Chrome on Windows, Leeds.`,
    'It can now sign in to your account. Was it you? Nothing to do.', ...button,
  ])
  t.deepEqual(said(mails.passkeyRemoved({ ...props, storedIn: 'Windows Hello', createdAt: at - 86_400_000, left: { passkeys: true, code: true } })), [
    'A passkey was removed from your Exämple account', 'Windows Hello, created November 21, 2026, no longer works.',
    `Removed ${time}, Chrome on Windows, Leeds.`, 'You can still sign in with another passkey or a code by email.', ...button,
  ])
  t.deepEqual(said(mails.recoveryStarted({ ...props, readyAt: at + 86_400_000 })), [
    'Someone is recovering your Exämple account', `${time}, Chrome on Windows, Leeds. It can go on after November 23, 2026 at 13:05 UTC.`,
    'Not you? Sign in with your passkey and stop it.', ...button,
  ])
  t.deepEqual(said(mails.recoveryUsed({ ...props, codesLeft: 7 })), [
    'A recovery code was used on your Exämple account', `${time}, Chrome on Windows, Leeds. 7 codes left.`,
    'Passkeys from before still work. Did you lose a device? Lock or erase it from afar.', ...button,
  ])
  const few = (codesLeft: number, locale = 'en') => said(mails.recoveryUsed({ ...props, codesLeft, locale }))[3]
  t.is(few(4), button[0])
  t.is(few(3), 'There are few left: make new ones in your account, under “Ways to sign in”.')
  t.is(few(0), 'There is none left: make new ones in your account, under “Ways to sign in”.')
  t.is(few(1, 'de'), 'Es sind nur noch wenige übrig: Erstellen Sie neue in Ihrem Konto unter „Wege zum Anmelden“.')
  const changed = (what: (typeof details)[number], subject?: string, locale = 'en') =>
    said(mails.detailsChanged({ ...props, what, locale, ...(subject !== undefined && { subject }) }))[1]?.replace(/[,:] (November|22\.).*/, '')
  t.is(changed('method_added', 'totp'), 'An authenticator app was added')
  t.is(changed('method_removed', 'totp'), 'Your authenticator app was removed')
  t.is(changed('method_added', 'totp', 'de'), 'Eine Authenticator-App wurde hinzugefügt')
  t.is(changed('method_added'), 'A way to sign in was added')
  t.is(changed('recovery_codes_made'), 'Recovery codes were made')
  t.is(changed('new_recovery_codes'), 'New recovery codes were made, and the old ones ended')
  t.is(changed('identifier_changed', 'sam@example.org'), 'sam@example.org took the place of one that was not confirmed')
  t.is(changed('identifier_confirmed', 'sam@example.org'), 'sam@example.org was confirmed')
  t.deepEqual(said(mails.detailsChanged({ ...props, what: 'identifier_added', subject: 'sam@example.org', until: at + 7 * 86_400_000 })), [
    'Your sign-in details at Exämple changed', `sam@example.org was added, ${time}, Chrome on Windows, Leeds.`,
    'You can stop this until November 29, 2026 at 13:05 UTC.', ...button,
  ])
  t.is(said(mails.code({ ...code, variant: 'passkeys_only' }))[0], 'Signing in to Exämple')
  t.notRegex(mails.code({ ...code, variant: 'passkeys_only' }).text + mails.code({ ...code, variant: 'passkeys_only' }).html, /012345/)
})

test('a place is a name and nothing else; a country is written in the reader\'s language', (t) => {
  const text = (place: { country?: string; city?: string }, locale = 'en') => mails.recoveryUsed({ ...where, place, locale }).text
  t.regex(text({ country: 'DE' }), /, Germany\./)
  t.regex(text({ country: 'DE' }, 'de'), /, Deutschland\./)
  t.regex(text({ country: 'ch', city: "L'Auberson-sur-Été" }), /, L'Auberson-sur-Été\./)
  for (const city of ['http://evil.example', 'Leeds\r\nBcc: x', 'x@y.z', '<b>', 'a'.repeat(81), '']) t.regex(text({ country: 'DE', city }), /, Germany\./, city)
  for (const country of ['XX1', 'T1', 'ZZZ', '']) t.regex(text({ country }), /Chrome on Windows\. /, country)
})

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
