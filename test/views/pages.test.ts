import test from 'ava'
import { render } from '../../views/page.ts'
import { createMails } from '../../views/mail/index.ts'
import { recoveryPage } from '../../views/login/recovery.ts'
import fc from '../helpers/property.ts'
import { pageContext } from './page-context.ts'
import { samples, type SampleTexts } from './samples.ts'

const views = samples()
const names = Object.keys(views)
const markup = (name: string, locale: 'en' | 'de' = 'en') => render(views[name]!(pageContext(locale)))

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')
const tags = (text: string) => all(text, /(<[a-z][^>]*>)/g)
const words = (text: string) => text.replace(/<[^>]*>/g, '')

for (const locale of ['en', 'de'] as const) {
  test(`one h1, and the title says the same (${locale})`, (t) => {
    for (const name of names) {
      const text = markup(name, locale)
      const headings = all(text, /<h1[^>]*>(.*?)<\/h1>/gs)
      t.is(headings.length, 1, name)
      const title = all(text, /<title>(.*?)<\/title>/g)[0] ?? ''
      t.true(title.endsWith(`${words(headings[0]!)} – Example`), `${name}: ${title}`)
      const wrong = text.includes('role="alert"') || name.startsWith('error-')
      t.is(/^(Error|Fehler): /.test(title), wrong, name)
    }
  })
}

/** Where no address is known to go on to, words say what to do. */
const wordsOnly = /^(link-gone-nowhere|link-refused|link-shown|email-link-used-nowhere|account-stopped|account-enrol-created-(?:device|apps)|account-message-(?!app|help).*)$/

/** Where nothing has to be done. */
const list = /^account-ways(?!-confirm)|^account-passkeys-off|^account-apps|^account-activity|^account-sessions(?!-end)|^account-overview$|^account-recovery$/

test('exactly one filled button, or words where there is nowhere to go on to', (t) => {
  for (const name of names) {
    const filled = tags(markup(name)).filter((tag) => /class="[^"]*\b(?:primary|danger-fill)\b/.test(tag))
    if (wordsOnly.test(name)) t.regex(markup(name), /class="next"/)
    else t.is(filled.length, list.test(name) ? 0 : 1, `${name}: ${filled.join(' ')}`)
  }
})

test('a browser that knows no passkeys, or runs no script, sees one filled button too', (t) => {
  for (const name of names) {
    const shown = markup(name).replace(/<(form|section)[^>]* hidden[^>]*>.*?<\/\1>/gs, '')
    const filled = tags(shown).filter((tag) => /class="[^"]*\b(?:primary|danger-fill)\b|data-lead-otherwise/.test(tag))
    const onlyPasskeys = filled.length === 0 && /data-(?:needs-)?passkey/.test(markup(name))
    if (!wordsOnly.test(name) && !onlyPasskeys) t.is(filled.length, list.test(name) ? 0 : 1, `${name}: ${filled.join(' ')}`)
  }
})

test('every form of ours posts with a CSRF token and no check by the browser', (t) => {
  for (const name of names) {
    if (name === 'hand-over-form' || name === 'logout') continue
    for (const [form] of markup(name).matchAll(/<form.*?<\/form>/gs)) {
      t.regex(form, /^<form method="post" action="[^"]+" novalidate/, name)
      t.true(form.includes('name="csrf" value="csrf-token"'), `${name}: ${form}`)
    }
  }
})

test('what goes to the app or the engine carries no token of ours', (t) => {
  for (const name of ['hand-over-form', 'logout']) {
    const form = all(markup(name), /(<form method="post" action="(?:https|&#x2F;session).*?<\/form>)/gs)[0] ?? ''
    t.true(form.length > 0)
    t.false(form.includes('csrf'))
  }
})

const asset = (file: string) => `<script type="module" src="&#x2F;assets&#x2F;${file}"></script>`

test('no style or script in the page, so that the content security policy needs no exception', (t) => {
  for (const name of names) {
    const text = markup(name)
    t.notRegex(text, /<style|\sstyle=|javascript:/, name)
    t.deepEqual(tags(text).filter((tag) => /\son\w+=/.test(tag.replace(/"[^"]*"/g, '""'))), [], name)
    const scripts = all(text, /(<script.*?<\/script>)/gs)
    t.is(scripts.filter((script) => script === asset('latchkey.js')).length, 1, name)
    t.deepEqual(scripts.filter((script) => !['latchkey.js', 'codes.js', 'signal.js'].some((file) => script === asset(file))), [], name)
  }
})

test('labels, descriptions, links and buttons point to what is there, once', (t) => {
  for (const name of names) {
    const text = markup(name)
    const ids = all(text, /\sid="([^"]+)"/g)
    t.is(new Set(ids).size, ids.length, name)
    const targets = [
      ...all(text, /\sfor="([^"]+)"/g),
      ...all(text, /\sform="([^"]+)"/g),
      ...all(text, /href="#([^"]+)"/g),
      ...all(text, /aria-describedby="([^"]+)"/g).flatMap((list) => list.split(' ')),
    ]
    for (const target of targets) t.true(ids.includes(target), `${name}: ${target}`)
    t.is(all(text, /(role="status")/g).length <= 1, true, name)
  }
})

test('each field error stands at the top and at the field, in the same words', (t) => {
  for (const name of names.filter((name) => /identifier-(empty|form|local)|taken|wrong|last|gone/.test(name) && !/^(wrong|account|link)/.test(name))) {
    const text = markup(name)
    const top = all(text, /role="alert".*?<a href="#\w+">(.*?)<\/a>/gs)[0]
    const field = all(text, /class="visually-hidden">Error: <\/span>(.*?)<\/span>/g)[0]
    t.truthy(top, name)
    t.is(field, top, name)
    t.true(text.includes('aria-invalid="true"'), name)
  }
})

test('every login screen shows the way back to the app: last, where it is not the main button', (t) => {
  const outside = /^(error|account|link|email-link-used|logged-out|logout|hand-over|consent|passkey-created|passkey-not-created|passkey-create(?!-step-up)|recovery-code-used(?!-open)|.*-account)/
  for (const name of names.filter((name) => !outside.test(name))) {
    const text = markup(name)
    t.true(text.includes('Go back to Example Shop'), name)
    if (/class="button primary"[^>]*>(?:<[^>]*>)*Go back to Example Shop/.test(text)) continue
    t.true(text.indexOf('Go back to Example Shop') > text.lastIndexOf('class="button'), name)
  }
})

test('the account pages are called so on the way to them, and not by the name of the service', (t) => {
  for (const name of ['step-up-account', 'step-up-account-needs', 'methods-account', 'recovery-code-used-account']) {
    const text = words(markup(name).replace(/<(header|title).*?<\/\1>/gs, ''))
    t.regex(text, /(?:Back|Continue) to your account/, name)
    t.notRegex(text, /to Example|Example needs/, name)
  }
  t.true(markup('methods-account').includes('to continue to your account'))
  t.regex(markup('logged-out-account'), /href="&#x2F;account">|href="\/account"/)
})

test('claiming: what takes an address from another account never leads', (t) => {
  for (const name of names.filter((name) => name.startsWith('claim'))) t.notRegex(markup(name), /class="button primary"[^>]*>(?:<[^>]*>)*Start a new account/, name)
  t.regex(markup('claim-there'), /class="button primary"[^>]*>(?:<[^>]*>)*Go back to Example Shop/)
})

test('every error says what happened and what to do, and has a reference', (t) => {
  for (const name of names.filter((name) => name.startsWith('error-'))) {
    const text = markup(name)
    t.true(text.includes('7F3K-2Q9D'), name)
    t.regex(text, /class="button primary" href="[^"]+"|class="next"/, name)
  }
})

test('without script, nothing is said to be where it is not', (t) => {
  // what goes on without a passkey; a link to the list is good for what is on the list
  const goesOn = /value="(?:email_otp|email_link|sms_otp|totp|recovery_code)"|name="(?:identifier|code|skip|not_now|continue)"|href="[^"]*methods"/
  let told = 0
  for (const name of names) {
    const shown = markup(name).replace(/<form[^>]* hidden>.*?<\/form>/gs, '')
    for (const note of shown.matchAll(/<noscript>(<p class="note".*?)<\/noscript>/gs)) {
      const [above, below] = [shown.slice(0, note.index), shown.slice(note.index)]
      if (/another way below/.test(note[1]!)) t.regex(below, goesOn, name)
      else if (/the field above/.test(note[1]!)) t.regex(above, /<input[^>]* name="(?:identifier|code)"/, name)
      else t.regex(note[1]!, /load this page again/, name)
      told++
    }
  }
  t.true(told > 10)
  for (const name of ['step-up-passkeys', 'other-device-only', 'passkey-failed-only', 'passkey-step-up']) t.false(markup(name).includes('another way below'), name)
})

test('a hostile string in any prop stays text', (t) => {
  // An address may break at its dots, however many there are.
  const shape = (text: string) => tags(text).filter((tag) => tag !== '<wbr>').map((tag) => tag.replace(/="[^"]*"/g, '')).join('\n')
  const hostile = fc.oneof(
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.constantFrom('"><script>alert(1)</script>', "' onfocus=alert(1) autofocus x='", '</title><svg onload=alert(1)>', '${x}', '{n}', '<terms>x</terms>', '\u2028&quot;'),
    fc.tuple(fc.string(), fc.constantFrom('<', '>', '"', "'", '`', '=', '/', '&'), fc.string()).map((parts) => parts.join('')),
  )
  const texts: fc.Arbitrary<SampleTexts> = fc.record({ email: hostile, other: hostile, name: hostile, place: hostile }).filter(({ name, place }) => name !== place)
  const app = fc.record({ name: hostile, homeUrl: hostile, policyUrl: hostile, termsUrl: hostile })
  const plain = new Map(names.map((name) => [name, shape(markup(name))]))
  t.notThrows(() =>
    fc.assert(
      fc.property(texts, app, hostile, fc.constantFrom(...names), (texts, app, brand, name) => {
        const page = pageContext('en', { app, theme: { ...pageContext().theme, name: brand, helpUrl: brand }, csrf: brand, path: brand, host: brand })
        return shape(render(samples(texts)[name]!(page))) === plain.get(name)
      }),
      { numRuns: 400 },
    ),
  )
})

test('"after" a time is true at that time: shown without seconds, it is the next full minute', (t) => {
  const readyAt = Date.UTC(2026, 10, 22, 13, 5, 1)
  const waiting = render(recoveryPage(pageContext(), { standing: 'waiting', delay: 60, readyAt, passkeysOnly: false, canContinue: true }))
  t.true(waiting.includes('13:06 UTC') && waiting.includes('2026-11-22T13:06:00.000Z'))
  const mail = createMails({ name: 'Example', host: 'login.example.com' }, 'en').recoveryStarted({ at: readyAt, device: 'Chrome on Linux', readyAt })
  t.true(mail.text.includes('It can go on after November 22, 2026 at 13:06 UTC.'))
})

test('whoever is known already is offered on the last page only what can lead on here', (t) => {
  t.true(markup('help').includes('Look for the email again'))
  t.notRegex(words(markup('help-step-up')), /email|mailbox|sign in/i)
  t.true(markup('help-step-up').includes('I have lost my passkeys'))
  t.false(markup('help-step-up-nothing').includes('I have lost my passkeys'))
  t.true(markup('passkey-failed-step-up').includes('I have lost my passkeys'))
})
