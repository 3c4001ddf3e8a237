import test from 'ava'
import { createTextAlerts } from '../../src/delivery/text-alerts.ts'
import type { QueuedText } from '../../src/delivery/outbox.ts'
import de from '../../views/locales/sms.de.json' with { type: 'json' }
import en from '../../views/locales/sms.en.json' with { type: 'json' }
import { gsmLength } from '../../views/sms/gsm.ts'
import { createTexts } from '../../views/sms/index.ts'
import fc from '../helpers/property.ts'
import { account } from '../storage/conformance/samples.ts'

const brand = { name: 'Example', host: 'login.example.com' }
const texts = createTexts(brand, 'en')
const code = { code: '419037', app: 'Example Shop', life: 600_000 }

test('a code in both languages: first, in one message, and bound to our site by the last line', (t) => {
  t.is(texts.code(code), '419037 is your Example code for Example Shop. It works for 10 minutes. Do not share it.\n\n@login.example.com #419037')
  t.is(texts.code({ ...code, locale: 'de' }), '419037 ist Ihr Example-Code für Example Shop. Er gilt 10 Minuten. Geben Sie ihn niemandem weiter.\n\n@login.example.com #419037')
  t.is(texts.code({ ...code, locale: 'fr' }), texts.code(code))
  t.is(texts.code({ ...code, locale: 'toString' }), texts.code(code))
  t.regex(texts.code({ ...code, life: 60_000 }), /works for 1 minute\./)
})

test('a code of ours for ourselves names us once', (t) => {
  const own = { ...code, app: brand.name }
  t.is(texts.code(own), '419037 is your Example code. It works for 10 minutes. Do not share it.\n\n@login.example.com #419037')
  t.is(texts.code({ ...own, locale: 'de' }), '419037 ist Ihr Example-Code. Er gilt 10 Minuten. Geben Sie ihn niemandem weiter.\n\n@login.example.com #419037')
})

test('the alert in both languages, in one message', (t) => {
  t.is(texts.passkeyAdded({}), 'Example: a passkey was added to your account. Not you? Go to login.example.com/account')
  t.is(texts.passkeyAdded({ locale: 'de' }), 'Example: Zu Ihrem Konto wurde ein Passkey hinzugefügt. Das waren nicht Sie? Gehen Sie auf login.example.com/account')
  for (const locale of ['en', 'de']) {
    const long = createTexts({ name: 'x'.repeat(64), host: 'login.example-of-a-company.co.uk' }, 'en').passkeyAdded({ locale })
    t.true(gsmLength(long) <= 160, long)
  }
})

test('a port is in the address to go to, and not in what binds the code', (t) => {
  const local = createTexts({ name: 'Example', host: 'localhost:3000' }, 'en')
  t.regex(local.code(code), /\n@localhost #419037$/)
  t.regex(local.passkeyAdded({}), /Go to localhost:3000\/account$/)
})

test('names of usual lengths stay; longer ones are left out before a second message is needed', (t) => {
  for (const locale of ['en', 'de']) {
    const usual = createTexts({ name: 'Müller & Söhne', host: 'login.mueller.example' }, 'en').code({ ...code, code: '12345678', app: 'Bestellungen', locale })
    t.regex(usual, /Müller & Söhne.*Bestellungen/)
    t.true(gsmLength(usual) <= 160, usual)
  }
  const long = texts.code({ ...code, app: 'x'.repeat(100) })
  t.is(long, '419037 is your Example code. It works for 10 minutes. Do not share it.\n\n@login.example.com #419037')
})

test('whatever the names are, the code is first and the bound line last', (t) => {
  const name = fc.string({ minLength: 1, maxLength: 100 }).filter((text) => /^\P{Cc}+$/u.test(text))
  fc.assert(fc.property(name, name, fc.constantFrom('en', 'de'), fc.stringMatching(/^[A-Z2-9]{6,8}$/), (brandName, app, locale, digits) => {
    const text = createTexts({ name: brandName, host: 'login.example.com' }, 'en').code({ code: digits, app, life: 600_000, locale })
    const lines = text.split('\n')
    t.true(text.startsWith(`${digits} `))
    t.deepEqual(lines.slice(1), ['', `@login.example.com #${digits}`])
    if (gsmLength(brandName + app) < Infinity) t.true(gsmLength(text) <= 160, text)
  }))
})

test('a character takes one place, two, or is none of GSM', (t) => {
  t.deepEqual(['abc', 'äöüß', 'a€b', '[x]', '', 'ł', '“x”', '😀'].map(gsmLength), [3, 4, 4, 5, 0, Infinity, Infinity, Infinity])
})

test('both languages have the same texts with the same placeholders', (t) => {
  const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)(?=[,}])/g)].map(([, found]) => found))].sort()
  t.deepEqual(Object.keys(de), Object.keys(en))
  for (const [key, text] of Object.entries(en)) t.deepEqual(placeholders(de[key as keyof typeof de]), placeholders(text), key)
})

test('every proven phone number is told of a new passkey, in the language of the account', async (t) => {
  const queued: QueuedText[] = []
  const alerts = createTextAlerts({
    outbox: { enqueueText: async (text) => void queued.push(text) },
    accounts: { provenPhones: () => ['+447911123456', '+4915112345678'] },
    texts,
  })
  await alerts.passkeyAdded({ ...account('a'), locale: 'de' })
  const text = texts.passkeyAdded({ locale: 'de' })
  t.deepEqual(queued, ['+447911123456', '+4915112345678'].map((to) => ({ to, text, accountId: 'a', life: 86_400_000 })))
})
