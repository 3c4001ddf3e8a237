import test from 'ava'
import { domainToASCII } from 'node:url'
import { normaliseEmail } from '../../src/accounts/normalise-email.ts'
import { maskedEmail, readableEmail } from '../../src/accounts/readable-email.ts'

const stored = (domain: string) => `info@${domainToASCII(domain)}`

for (const domain of ['bücher.de', 'straße.example', 'łódź.example.pl', '日本語.jp', 'テスト.example', '한국.kr', 'пример.рф', 'παράδειγμα.ελ', 'mail.bücher.co.uk', 'example.com']) {
  test(`${domain} is shown as people write it, and normalises to what is stored`, (t) => {
    const shown = readableEmail(stored(domain))
    t.is(shown, `info@${domain}`)
    t.like(normaliseEmail(shown), { ok: true, value: stored(domain) })
  })
}

for (const [why, domain] of [
  ['a Cyrillic letter among Latin ones', 'p\u0430ypal.com'],
  ['all Cyrillic before a Latin ending', '\u0430\u0440\u0440\u04CF\u0435.com'],
  ['Greek before a Latin ending', 'αβγ.com'],
  ['dotless i', 'g\u0131thub.com'],
  ['a letter of the phonetic alphabet', '\u0261oogle.com'],
  ['a dot below', 'goog\u1E37e.com'],
  ['two writings in one label', 'bücher日本.de'],
] as const) {
  test(`${why} stays in its IDNA form`, (t) => {
    t.is(readableEmail(stored(domain)), stored(domain))
    t.true(stored(domain).includes('xn--'))
  })
}

test('what is no IDNA name stays as it is', (t) => {
  for (const email of ['a@xn--.example', 'a@xn--zzzzzz99999.example', 'a@example.com', 'a@']) t.is(readableEmail(email), email)
})

test('a masked address tells two accounts apart and is not the address', (t) => {
  t.is(maskedEmail('maya@example.com'), 'm…@example.com')
  t.is(maskedEmail(stored('bücher.de')), 'i…@bücher.de')
  t.is(maskedEmail('a@example.com'), 'a…@example.com')
})
