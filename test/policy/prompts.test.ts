import test from 'ava'
import { mayOfferPasskey, promptOccasions, type PromptFacts, type PromptOccasion } from '../../src/policy/prompts.ts'
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

type Settings = PromptFacts['settings']
/** settings of the app: those of `prompts` are given beside the others */
function settings({ crossDevice = 'standard', creation = 'explain', ...prompts }: Partial<Omit<Settings, 'prompts'> & Settings['prompts']> = {}): { settings: Settings } {
  return { settings: { crossDevice, creation, prompts: { after: promptOccasions, cooldown: 7 * day, growth: 2, maximum: 3, localAfterCrossDevice: true, ...prompts } } }
}

const facts = (more: Partial<PromptFacts> = {}): PromptFacts => ({
  history: [],
  now: noon,
  ...settings(),
  occasion: 'email_otp',
  inRollout: true,
  places: ['here', 'elsewhere'],
  has: [],
  guard: { allow: true, cooling: false, notice: true },
  refusedJustNow: false,
  ...more,
})
const signUp = (more: Partial<PromptFacts> = {}) => facts({ occasion: 'sign_up', places: ['here'], ...more })
/** an app that prefers phones, on a laptop */
const phonesFirst = (more: Partial<PromptFacts> = {}) => facts({ ...settings({ crossDevice: 'maximize' }), places: ['elsewhere', 'here'], ...more })

const first = { offer: true, place: 'here', neverButton: false, explain: true }
const again = { ...first, neverButton: true }
const byItself = { ...first, explain: false }
const onPhone = { ...first, place: 'elsewhere' }
const no = { offer: false, neverButton: false, explain: false }

const table: [string, PromptFacts, object, RegExp][] = [
  ['after a sign-in by code', facts(), first, /signed in by email_otp without a passkey for this device/],
  ['after sign-up', signUp(), first, /just created/],
  ['after sign-up, when nothing else is ever offered', signUp(settings({ maximum: 0 })), first, /just created/],
  ['after sign-up, refused a minute ago', signUp({ history: refused(0.001) }), no, /short while/],

  ['with a passkey of this device', facts({ occasion: undefined }), no, /with a passkey of this device/],
  ['after a sign-in with a phone', facts({ occasion: 'cross_device', has: ['elsewhere'] }), first, /signed in by cross_device/],
  ['… where there is one of this device as well', facts({ occasion: 'cross_device', has: ['here'] }), no, /is a passkey for this device/],
  ['… that the operator does not want', facts({ occasion: 'cross_device', ...settings({ localAfterCrossDevice: false }) }), no, /who signed in with a phone/],
  ['… which leaves a code as it was', facts(settings({ localAfterCrossDevice: false })), first, /signed in by email_otp/],
  ['… at an app that prefers phones', phonesFirst({ occasion: 'cross_device' }), no, /what this app prefers/],
  ['… on a device that keeps none', facts({ occasion: 'cross_device', places: ['elsewhere'] }), no, /cannot keep/],

  ['switched off', facts(settings({ creation: 'off' })), no, /switched off/],
  ['switched off, after sign-up', signUp(settings({ creation: 'off' })), no, /switched off/],
  ['by itself', facts(settings({ creation: 'automatic' })), byItself, /signed in by/],
  ['by itself, after sign-up', signUp(settings({ creation: 'automatic' })), byItself, /just created/],
  ['by itself, but never a QR code', phonesFirst(settings({ crossDevice: 'maximize', creation: 'automatic' })), onPhone, /phone or a security key/],

  ['the guard says no', facts({ guard: { allow: false, way: 'passkey' } }), no, /may not be added/],
  ['the guard says no, after sign-up', signUp({ guard: { allow: false, way: 'sign_in' } }), no, /may not be added/],
  ['outside the rollout', facts({ inRollout: false }), no, /not among those/],
  ['outside the rollout, after sign-up', signUp({ inRollout: false }), no, /not among those/],
  ['the browser cannot', facts({ places: [] }), no, /browser cannot/],
  ['the browser cannot, after sign-up', signUp({ places: [] }), no, /browser cannot/],
  ['this device keeps none: no offer, and no error', facts({ places: ['elsewhere'] }), no, /device cannot keep/],
  ['this device keeps none, under minimize', facts({ places: [], ...settings({ crossDevice: 'minimize' }) }), no, /browser cannot/],
  ['this device keeps none, where phones are preferred', phonesFirst({ places: ['elsewhere'] }), onPhone, /phone or a security key/],

  ['where phones are preferred', phonesFirst(), onPhone, /without a passkey on a phone or a security key/],
  ['where phones are preferred, and there is one', phonesFirst({ has: ['elsewhere'] }), no, /is a passkey on a phone/],
  ['where phones are preferred, one of this device is another matter', phonesFirst({ has: ['here'] }), onPhone, /phone or a security key/],
  ['where phones are preferred, on a phone', phonesFirst({ places: ['here', 'elsewhere'] }), first, /for this device/],
  ['a passkey for this device is there', facts({ has: ['here'] }), no, /is a passkey for this device/],
  ['one that is elsewhere is no help here', facts({ has: ['elsewhere'] }), first, /for this device/],

  ['the dialog was closed a moment ago', facts({ refusedJustNow: true }), no, /closed a moment ago/],
  ['the dialog was closed a moment ago, after sign-up', signUp({ refusedJustNow: true }), no, /closed a moment ago/],

  ['asked not to be asked', facts({ history: [entry('shown', 900), entry('never', 900)] }), no, /not to be asked again/],
  ['refused less than the cooldown ago', facts({ history: refused(6.9) }), no, /short while/],
  ['refused the cooldown ago', facts({ history: refused(7) }), again, /signed in by/],
  ['refused twice: the wait has grown', facts({ history: refused(30, 13.9) }), no, /short while/],
  ['refused twice, long enough ago', facts({ history: refused(30, 14) }), again, /signed in by/],
  ['in whatever order the history comes', facts({ history: refused(13.9, 30) }), no, /short while/],
  ['refused as often as allowed', facts({ history: refused(900, 800, 700) }), no, /offered 3 times/],
  ['shown and left open counts', facts({ history: [entry('shown', 1)] }), no, /short while/],
  ['a failure counts like a refusal', facts({ history: [entry('shown', 1), entry('failed', 1)] }), no, /short while/],
  ['begun and not ended counts once', facts({ history: [entry('shown', 8), entry('started', 8)] }), again, /signed in by/],
  ['that one would have been in place is no offer', facts({ history: [1, 2, 3, 4].map((days) => entry('eligible', days)) }), first, /signed in by/],
  ['… and makes a sign-up no older', signUp({ history: [entry('eligible', 0)] }), first, /just created/],
  ['a yes on another device makes a fresh start', facts({ history: [...refused(60, 40, 20), entry('shown', 1), entry('created', 1)] }), first, /signed in by/],
  ['a yes does not undo a never', facts({ history: [entry('never', 9), entry('created', 1)] }), no, /not to be asked again/],
]

for (const [title, given, expected, reason] of table) {
  test(title, (t) => {
    const { reason: words, ...decision } = mayOfferPasskey(given)
    t.deepEqual(decision, expected as typeof decision)
    t.regex(words, reason)
  })
}

test('each sign-in is asked after or left alone, as the operator lists it', (t) => {
  for (const occasion of promptOccasions) {
    const others = promptOccasions.filter((other) => other !== occasion)
    const offered = (after: readonly PromptOccasion[]) => mayOfferPasskey(facts({ occasion, ...settings({ after }) }))
    t.true(offered([occasion]).offer, occasion)
    t.deepEqual(offered(others), { ...no, reason: `nothing is offered after ${occasion}` })
  }
})
