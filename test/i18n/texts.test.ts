import test from 'ava'
import { locales } from '../../src/config/schema.ts'
import { createTranslator, type TextKey } from '../../src/i18n/index.ts'
import de from '../../views/locales/de.json' with { type: 'json' }
import en from '../../views/locales/en.json' with { type: 'json' }

const keys = Object.keys(en) as TextKey[]

test('both languages have the same texts, in the same order', (t) => {
  t.deepEqual(Object.keys(de), keys)
})

/** One placeholder, and each text that it chooses from. */
const choice = /\{\s*(\w+)\s*,\s*(?:plural|select)\s*,((?:\s*=?\w+\s*\{(?:[^{}]|\{\w+\})*\})+)\s*\}/g
const chosen = (text: string) => text.replace(choice, (_, name: string, options: string) => [`{${name}}`, ...[...options.matchAll(/\{((?:[^{}]|\{\w+\})*)\}/g)].map(([, option]) => option)].join(' '))

/** Names of placeholders and of tags, whatever stands around them. */
const slots = (text: string) => [...new Set([...chosen(text).matchAll(/\{\s*(\w+)\s*[,}]|<(\w+)>/g)].map(([, value, tag]) => value ?? `<${tag}>`))].sort()

test('both languages have the same placeholders and tags in each text', (t) => {
  for (const key of keys) t.deepEqual(slots(de[key]), slots(en[key]), key)
})

test('every text can be said in every language', (t) => {
  const anything = new Proxy({}, { get: () => 2, has: () => true })
  for (const locale of locales) {
    const say = createTranslator(locale)
    for (const key of keys) t.true(say(key, { ...anything, ...Object.fromEntries(slots(en[key]).map((slot) => [slot, 2])) }).length > 0, key)
  }
})

test('values go in and numbers decide between one and many', (t) => {
  t.is(createTranslator('en')('page.to_app', { app: '<b>{x}</b>' }), 'to continue to <b>{x}</b>')
  t.is(createTranslator('en')('page.minutes', { n: 1 }), '1 minute')
  t.is(createTranslator('de')('page.minutes', { n: 12 }), '12 Minuten')
  t.throws(() => createTranslator('en')('page.to_app'))
  t.is(createTranslator('de'), createTranslator('de'))
})
