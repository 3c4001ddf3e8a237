/** Every text that people read, on pages, in mails and in text messages: words of people, short sentences, short buttons. */
import test from 'ava'
import { readFileSync } from 'node:fs'
import { locales } from '../../src/config/schema.ts'
import { render } from '../../views/page.ts'
import { pageContext } from '../views/page-context.ts'
import { samples } from '../views/samples.ts'

type Language = (typeof locales)[number]

const textsOf = (language: Language): [name: string, text: string][] =>
  [`${language}`, `mail.${language}`, `sms.${language}`].flatMap((file) =>
    Object.entries(JSON.parse(readFileSync(`views/locales/${file}.json`, 'utf8')) as Record<string, string>).map(([key, text]): [string, string] => [`${file}: ${key}`, text]))

/** Names of errors as browsers have them (Web IDL 2.8.1, WebAuthn 5.1): they are for logs. */
const errorNames = /\b(DOMException|(NotAllowed|Abort|InvalidState|Security|Constraint|NotSupported|Network|Operation|Timeout|Data|Encoding|NotReadable|Unknown|Type)Error)\b/

const codeWords: Record<Language, RegExp> = {
  en: /\b(assertions?|attestations?|authenticators?(?! app)|credentials?|biometrics?|authenticat(e|ed|es|ing|ion)|verif(y|ied|ies|ication)|tokens?|sessions?|OTP|2FA|FIDO2?|CTAP2?|WebAuthn|challenges?|exceptions?|relying part(y|ies)|invalid|failed to|oops|please|log ?in|logged (in|out))\b|!/i,
  de: /\b(du|dein(e[mnrs]?)?|dich|dir|assertions?|attestierung|authenticator(?!-App)|credentials?|anmeldedaten|zugangsdaten|anmeldeinformationen|biometr\w*|authentifizier\w*|authentisier\w*|verifizier\w*|verifikation|tokens?|sessions?|sitzung(en)?|OTP|2FA|FIDO2?|CTAP2?|WebAuthn|challenges?|ungültig\w*|fehlgeschlagen\w*|hoppla|bitte|login|logins|ein(ge)?logg\w*|aus(ge)?logg\w*)\b|!/i,
}

for (const language of locales) {
  test(`no word of those who build it (${language})`, (t) => {
    for (const [name, text] of textsOf(language)) {
      t.notRegex(text, codeWords[language], name)
      t.notRegex(text, errorNames, name)
    }
  })

  test(`a sentence has at most 18 words (${language})`, (t) => {
    const long = textsOf(language).flatMap(([name, text]) => sentencesOf(text).filter((sentence) => wordsIn(sentence) > 18).map((sentence) => `${name}: ${sentence}`))
    t.deepEqual(long, [])
  })

  test(`a button has at most 5 words (${language})`, (t) => {
    const drawn = Object.values(samples()).flatMap((draw) => buttonsOf(render(draw(pageContext(language, { app: { name: 'Shop', homeUrl: 'https://shop.example.com/' } })))))
    t.deepEqual([...new Set(drawn)].filter((button) => wordsIn(button) > 5 && !asLongAsItMust[language].some((pattern) => pattern.test(button))), [])
  })
}

test('nothing that pages show names an error of the browser', (t) => {
  for (const language of locales) {
    for (const [name, draw] of Object.entries(samples())) t.notRegex(withoutData(render(draw(pageContext(language)))), errorNames, `${name} (${language})`)
  }
})

test('the pages’ scripts say nothing but what the pages tell them to', (t) => {
  for (const script of ['latchkey', 'codes', 'signal']) {
    const source = readFileSync(`views/assets/${script}.js`, 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '')
    // Two words of prose in quotes would be a sentence that nobody translated.
    t.deepEqual([...source.matchAll(/(['"`])([A-Z][a-z]+ [a-z]+[^'"`]*)\1/g)].map(([whole]) => whole), [], script)
  }
})

/** With the longest of what can stand in it. */
function sentencesOf(text: string): string[] {
  let flat = text
  // From the inside out: what is chosen from is one placeholder after the other.
  for (let before = ''; before !== flat; ) {
    before = flat
    flat = flat.replace(/\{\s*\w+\s*,\s*(?:plural|select)\s*,((?:\s*=?\w+\s*\{(?:[^{}]|\{\w+\})*\})+)\s*\}/g, (_, options: string) =>
      [...options.matchAll(/\{((?:[^{}]|\{\w+\})*)\}/g)].map(([, option = '']) => option).reduce((a, b) => (wordsIn(b) > wordsIn(a) ? b : a)))
  }
  return flat.split(/(?<=[.?:])\s|\n/)
}

const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => /[\p{L}\p{N}{]/u.test(word)).length

const withoutData = (html: string): string => html.replace(/<(?!\/)[^>]*>/g, '')

/** Rows of a list, which are sentences of their own, left out; an address is one word. */
const buttonsOf = (html: string): string[] =>
  [...html.matchAll(/<(button|a)\b[^>]*class="(?:button|link)[^"]*"[^>]*>([^]*?)<\/\1>/g)].map(([, , inside = '']) => inside.replace(/<svg[^]*?<\/svg>|<[^>]*>|\u00ad/g, '').replace(/\S+@\S+/g, 'address').trim())

/** The shorter ones would say something else: where something goes to, or whose it is. */
const asLongAsItMust: Record<Language, RegExp[]> = {
  en: [/^Go on as address with a code$/, /^Send a (code|link) to my email$/, /^Send a code to address instead$/, /^Use (a|my) phone or a? ?security key$/, /^I did not ask for this$/, /^I can&#39;t use any of these$/, /^Use a passkey on this device$/, /^Open the app on this device$/, /^Back to /],
  de: [/^Als address weiter mit einem Code$/],
}
