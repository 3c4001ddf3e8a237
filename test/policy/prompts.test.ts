import test from 'ava'
import { mayOfferPasskey, type PromptFacts } from '../../src/policy/prompts.ts'
import type { PromptEntry } from '../../src/storage/types.ts'
import { noon } from './proofs.ts'

const day = 24 * 60 * 60 * 1000

/** what became of offers, `days` before noon */
const entry = (outcome: PromptEntry['outcome'], days: number): PromptEntry => ({
  id: `${outcome}-${days}`,
  at: noon - days * day,
  accountId: 'ada',
  outcome,
})
const refused = (...days: number[]) => days.flatMap((ago) => [entry('shown', ago), entry('not_now', ago)])

const facts = (more: Partial<PromptFacts> = {}): PromptFacts => ({
  history: [],
  now: noon,
  config: { cooldown: 7 * day, growth: 2, maximum: 3 },
  browserCan: true,
  signedInBy: 'email_otp',
  hasPasskeyForThisDevice: false,
  guard: { allow: true, cooling: false, notice: true },
  created: false,
  ...more,
})

const first = { offer: true, neverButton: false }
const again = { offer: true, neverButton: true }
const no = { offer: false, neverButton: false }

const table: [string, PromptFacts, { offer: boolean; neverButton: boolean }, RegExp][] = [
  ['after a sign-in by code', facts(), first, /signed in by email_otp without a passkey for this device/],
  ['after a sign-in by a phone', facts({ signedInBy: 'passkey' }), first, /signed in by passkey/],
  ['after sign-up', facts({ created: true }), first, /just created/],
  ['after sign-up, when nothing else is ever offered', facts({ created: true, config: { cooldown: day, growth: 1, maximum: 0 } }), first, /just created/],
  ['after sign-up, refused a minute ago', facts({ created: true, history: refused(0.001) }), no, /short while/],
  ['a passkey for this device is there', facts({ hasPasskeyForThisDevice: true }), no, /is a passkey for this device/],
  ['the browser cannot', facts({ browserCan: false }), no, /browser cannot/],
  ['the browser cannot, after sign-up', facts({ browserCan: false, created: true }), no, /browser cannot/],
  ['the guard says no', facts({ guard: { allow: false, way: 'passkey' } }), no, /may not be added/],
  ['the guard says no, after sign-up', facts({ guard: { allow: false, way: 'sign_in' }, created: true }), no, /may not be added/],
  ['asked not to be asked', facts({ history: [entry('shown', 900), entry('never', 900)] }), no, /not to be asked again/],
  ['refused less than the cooldown ago', facts({ history: refused(6.9) }), no, /short while/],
  ['refused the cooldown ago', facts({ history: refused(7) }), again, /signed in by/],
  ['refused twice: the wait has grown', facts({ history: refused(30, 13.9) }), no, /short while/],
  ['refused twice, long enough ago', facts({ history: refused(30, 14) }), again, /signed in by/],
  ['in whatever order the history comes', facts({ history: refused(13.9, 30) }), no, /short while/],
  ['refused as often as allowed', facts({ history: refused(900, 800, 700) }), no, /offered 3 times/],
  ['shown and left open counts', facts({ history: [entry('shown', 1)] }), no, /short while/],
  ['a failure counts like a refusal', facts({ history: [entry('shown', 1), entry('failed', 1)] }), no, /short while/],
  ['a yes on another device makes a fresh start', facts({ history: [...refused(60, 40, 20), entry('shown', 1), entry('created', 1)] }), first, /signed in by/],
  ['a yes does not undo a never', facts({ history: [entry('never', 9), entry('created', 1)] }), no, /not to be asked again/],
]

for (const [title, given, expected, reason] of table) {
  test(title, (t) => {
    const { reason: words, ...decision } = mayOfferPasskey(given)
    t.deepEqual(decision, expected)
    t.regex(words, reason)
  })
}
