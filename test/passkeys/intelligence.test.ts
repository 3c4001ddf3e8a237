/** What to show first, row by row: browser, passkeys of the account, this browser's record, capabilities, policy. */
import { readFileSync } from 'node:fs'
import test from 'ava'
import { carriesTo, decide, knownPasskey, matching, rules, type Capabilities, type KnownPasskey, type Reason, type Show, type Signals } from '../../src/passkeys/intelligence.ts'
import type { CrossDevice } from '../../src/policy/cross-device.ts'
import type { Passkey } from '../../src/storage/types.ts'
import fc from '../helpers/property.ts'

type Browser = Signals['browser']
const browser = (family: string, platform: string, more: Partial<Browser> = {}): Browser => ({ family, platform, phone: ['iPhone', 'iPad', 'Android'].includes(platform), inApp: false, ...more })
const chromeWindows = browser('Chrome', 'Windows')
const edgeWindows = browser('Edge', 'Windows')
const firefoxWindows = browser('Firefox', 'Windows')
const firefoxLinux = browser('Firefox', 'Linux')
const chromeMac = browser('Chrome', 'Mac')
const safariMac = browser('Safari', 'Mac')
const firefoxMac = browser('Firefox', 'Mac')
const safariPhone = browser('Safari', 'iPhone')
const chromePhone = browser('Chrome', 'iPhone')
const chromeAndroid = browser('Chrome', 'Android')
const samsungAndroid = browser('Samsung Internet for Android', 'Android')
const chromeBook = browser('Chrome', 'Chrome OS')

const passkey = (more: Partial<KnownPasskey>): KnownPasskey => ({ kind: 'synced', transports: ['internal', 'hybrid'], platforms: [], here: false, ...more })
const icloud = passkey({ fabric: 'icloud', platforms: ['iPhone'] })
const google = passkey({ fabric: 'google', platforms: ['Android'] })
const manager = passkey({ fabric: 'manager', transports: ['internal'], platforms: ['Mac'] })
const microsoft = passkey({ fabric: 'microsoft', transports: ['internal'], platforms: ['Windows'] })
const samsung = passkey({ fabric: 'samsung', platforms: ['Android'] })
const unnamedSynced = passkey({ platforms: ['Mac'], transports: ['internal'] })
const hello = passkey({ kind: 'device_bound', transports: ['internal'], platforms: ['Windows'], attachment: 'platform' })
const boundPhone = passkey({ kind: 'device_bound', transports: ['internal', 'hybrid'], platforms: ['Android'], attachment: 'platform' })
const key = passkey({ kind: 'security_key', transports: ['usb', 'nfc'], attachment: 'cross-platform' })

const usual: Capabilities = { script: true, webauthn: true, platform: true, conditional: true, immediate: false, hybrid: true }
const cannot = { none: { script: false, webauthn: false, platform: false }, old: { script: true, webauthn: false, platform: false }, noPhone: { ...usual, hybrid: false }, nothing: { ...usual, platform: false, conditional: false, hybrid: false } }

interface Row extends Partial<Omit<Signals, 'policy' | 'failures'>> {
  crossDevice?: CrossDevice
  counts?: boolean
  guard?: boolean
  run?: number
  recent?: number
}

const signals = ({ crossDevice = 'standard', counts = true, guard, run = 0, recent = 0, ...more }: Row): Signals => ({
  asks: 'named', browser: chromeWindows, capabilities: usual, here: false, gone: false, ...more,
  failures: { run, recent }, policy: { crossDevice, passkeyCounts: counts, ...(guard && { guard }) },
})

/** what is given, what is shown, whether a phone or key is among the ways (and leads), why */
const table: Record<string, [Row, Show, cross: boolean | 'first', Reason]> = {
  'used here: at once': [{ here: true }, 'automatic', true, 'used_here'],
  'used here, in Firefox': [{ here: true, browser: firefoxLinux }, 'automatic', true, 'used_here'],
  'used here, on an Android phone': [{ here: true, browser: chromeAndroid, passkeys: [{ ...google, here: true }] }, 'automatic', true, 'used_here'],
  'used here, device-bound': [{ here: true, passkeys: [{ ...hello, here: true }] }, 'automatic', true, 'used_here'],
  'used here, and nothing is known of the browser yet': [{ here: true, capabilities: undefined }, 'automatic', true, 'used_here'],
  'used here, Safari: after a press': [{ here: true, browser: safariMac }, 'button', true, 'used_here_press'],
  'used here, any browser of an iPhone': [{ here: true, browser: chromePhone }, 'button', true, 'used_here_press'],
  'used here, and immediate mode has just asked': [{ here: true, asked: true, capabilities: { ...usual, immediate: true } }, 'button', true, 'used_here_asked'],
  'used here, Safari that has just asked': [{ here: true, asked: true, browser: safariMac }, 'button', true, 'used_here_asked'],
  'used here, more is asked of somebody known': [{ here: true, asks: 'confirm', passkeys: [{ ...hello, here: true }] }, 'button', true, 'used_here_confirm'],
  'used here by somebody, nobody is named yet': [{ here: true, asks: 'anybody' }, 'button', true, 'used_here_unnamed'],
  'used here, minimize': [{ here: true, crossDevice: 'minimize', passkeys: [{ ...hello, here: true }] }, 'automatic', false, 'used_here'],
  'used here, maximize, and that is the only one': [{ here: true, crossDevice: 'maximize', passkeys: [{ ...hello, here: true }] }, 'automatic', true, 'used_here'],
  'used here, maximize, and there is a phone': [{ here: true, crossDevice: 'maximize', passkeys: [{ ...hello, here: true }, icloud] }, 'button', 'first', 'on_phone'],
  'used here, maximize, on the phone itself': [{ here: true, crossDevice: 'maximize', browser: safariPhone, passkeys: [{ ...icloud, here: true }] }, 'button', true, 'used_here_press'],
  'maximize, nobody is named, something was used here': [{ here: true, asks: 'anybody', crossDevice: 'maximize' }, 'autofill_only', 'first', 'prefer_phone'],

  'iCloud Keychain, new Mac, Safari': [{ browser: safariMac, passkeys: [icloud] }, 'button', true, 'synced_here'],
  'iCloud Keychain, new Mac, Chrome': [{ browser: chromeMac, passkeys: [icloud] }, 'button', true, 'synced_here'],
  'iCloud Keychain, new iPhone': [{ browser: safariPhone, passkeys: [icloud] }, 'button', true, 'synced_here'],
  'iCloud Keychain, Windows: the phone': [{ passkeys: [icloud] }, 'button', 'first', 'on_phone'],
  'iCloud Keychain, Windows, minimize': [{ passkeys: [icloud], crossDevice: 'minimize' }, 'autofill_only', false, 'synced_elsewhere'],
  'iCloud Keychain, Android': [{ browser: chromeAndroid, passkeys: [icloud] }, 'button', 'first', 'on_phone'],
  'iCloud Keychain, no Bluetooth': [{ passkeys: [icloud], capabilities: cannot.noPhone }, 'autofill_only', true, 'synced_elsewhere'],
  'Google Password Manager, new Android phone': [{ browser: chromeAndroid, passkeys: [google] }, 'button', true, 'synced_here'],
  'Google Password Manager, Chrome on Windows': [{ passkeys: [google] }, 'button', true, 'synced_here'],
  'Google Password Manager, Chrome OS': [{ browser: chromeBook, passkeys: [google] }, 'button', true, 'synced_here'],
  'Google Password Manager, Firefox on a Mac: the phone': [{ browser: firefoxMac, passkeys: [google] }, 'button', 'first', 'on_phone'],
  'Google Password Manager, Safari on a Mac: the phone': [{ browser: safariMac, passkeys: [google] }, 'button', 'first', 'on_phone'],
  'a password manager, anywhere': [{ browser: firefoxLinux, passkeys: [manager] }, 'button', true, 'synced_here'],
  'a password manager, minimize': [{ passkeys: [manager], crossDevice: 'minimize' }, 'button', false, 'synced_here'],
  'Microsoft, Windows': [{ browser: firefoxWindows, passkeys: [microsoft] }, 'button', true, 'synced_here'],
  'Microsoft, Edge on a Mac': [{ browser: browser('Edge', 'Mac'), passkeys: [microsoft] }, 'button', true, 'synced_here'],
  'Microsoft, elsewhere': [{ browser: safariMac, passkeys: [microsoft] }, 'autofill_only', true, 'synced_elsewhere'],
  'Samsung, Android': [{ browser: samsungAndroid, passkeys: [samsung] }, 'button', true, 'synced_here'],
  'Samsung, Windows: the phone': [{ browser: edgeWindows, passkeys: [samsung] }, 'button', 'first', 'on_phone'],
  'synced by something unnamed, same system': [{ browser: safariMac, passkeys: [unnamedSynced] }, 'button', true, 'synced_here'],
  'synced by something unnamed, another system': [{ passkeys: [unnamedSynced] }, 'autofill_only', true, 'synced_elsewhere'],
  'synced here and a key: the synced one': [{ browser: safariMac, passkeys: [key, icloud] }, 'button', true, 'synced_here'],
  'synced here, maximize: the phone': [{ browser: safariMac, passkeys: [icloud], crossDevice: 'maximize' }, 'button', 'first', 'on_phone'],
  'synced here, more is asked': [{ browser: safariMac, passkeys: [icloud], asks: 'confirm' }, 'button', true, 'synced_here'],

  'device-bound on a phone: use your phone': [{ passkeys: [boundPhone] }, 'button', 'first', 'on_phone'],
  'device-bound on a phone and on a laptop': [{ browser: safariMac, passkeys: [hello, boundPhone] }, 'button', 'first', 'on_phone'],
  'device-bound on a phone, minimize': [{ passkeys: [boundPhone], crossDevice: 'minimize' }, 'autofill_only', false, 'bound_elsewhere'],
  'device-bound on a phone, minimize, the guard asks': [{ passkeys: [boundPhone], crossDevice: 'minimize', guard: true, asks: 'confirm' }, 'button', 'first', 'on_phone'],
  'device-bound on a phone, no Bluetooth': [{ passkeys: [boundPhone], capabilities: cannot.noPhone }, 'autofill_only', true, 'bound_elsewhere'],
  'device-bound on another laptop: no bare prompt': [{ browser: chromeMac, passkeys: [hello] }, 'autofill_only', true, 'bound_elsewhere'],
  'only a security key: say so': [{ passkeys: [key] }, 'button', 'first', 'security_key'],
  'only a security key, no Bluetooth': [{ passkeys: [key], capabilities: cannot.noPhone }, 'button', 'first', 'security_key'],
  'only a security key, minimize': [{ passkeys: [key], crossDevice: 'minimize' }, 'other_method_first', false, 'none_allowed'],
  'a security key and a laptop elsewhere': [{ browser: chromeMac, passkeys: [hello, key] }, 'button', 'first', 'security_key'],
  'no passkey at all': [{ passkeys: [] }, 'other_method_first', true, 'has_none'],

  'no script': [{ here: true, capabilities: cannot.none }, 'other_method_first', false, 'no_script'],
  'a browser that is too old': [{ here: true, capabilities: cannot.old }, 'other_method_first', false, 'no_support'],
  'inside another app on an iPhone': [{ here: true, browser: browser('Safari', 'iPhone', { inApp: true }) }, 'other_method_first', false, 'in_app'],
  'inside another app on Android, with a synced one': [{ browser: browser('Chrome', 'Android', { inApp: true }), passkeys: [google] }, 'other_method_first', false, 'in_app'],
  'passkeys do not count at this app': [{ here: true, counts: false }, 'other_method_first', false, 'not_accepted'],
  'two dialogs closed in this run': [{ here: true, run: 2 }, 'other_method_first', true, 'failed_here'],
  'one dialog closed in this run': [{ here: true, run: 1 }, 'automatic', true, 'used_here'],
  'closed in this browser before': [{ here: true, recent: 2 }, 'other_method_first', true, 'failed_here'],
  'closed once before': [{ here: true, recent: 1 }, 'automatic', true, 'used_here'],
  'closed before, and a synced one': [{ browser: safariMac, passkeys: [icloud], recent: 3 }, 'other_method_first', true, 'failed_here'],
  'closed before, more is asked': [{ asks: 'confirm', passkeys: [{ ...hello, here: true }], here: true, recent: 2 }, 'other_method_first', true, 'failed_here'],
  'the one used here is gone': [{ gone: true, passkeys: [] }, 'other_method_first', true, 'gone'],
  'the one used here is gone, another is synced to here': [{ gone: true, browser: safariMac, passkeys: [icloud] }, 'button', true, 'synced_here'],
  'the one used here is gone, a phone is left': [{ gone: true, passkeys: [boundPhone] }, 'button', 'first', 'on_phone'],
  'the one used here is gone, a laptop elsewhere is left': [{ gone: true, browser: chromeMac, passkeys: [hello] }, 'other_method_first', true, 'gone'],

  'nothing may be told': [{}, 'autofill_only', true, 'not_known'],
  'nothing may be told, on a phone': [{ browser: safariPhone }, 'autofill_only', true, 'not_known'],
  'nothing may be told, immediate mode has asked': [{ asked: true, capabilities: { ...usual, immediate: true } }, 'autofill_only', true, 'not_known'],
  'nothing may be told, minimize': [{ crossDevice: 'minimize' }, 'autofill_only', false, 'not_known'],
  'nothing may be told, maximize': [{ crossDevice: 'maximize' }, 'autofill_only', 'first', 'prefer_phone'],
  'nothing may be told, maximize, on a phone': [{ crossDevice: 'maximize', browser: chromeAndroid }, 'autofill_only', true, 'not_known'],
  'the first screen': [{ asks: 'anybody', capabilities: undefined }, 'autofill_only', true, 'not_known'],
  'nothing to keep a passkey in': [{ capabilities: cannot.nothing, browser: firefoxLinux }, 'other_method_first', true, 'nothing_to_hold_one'],
}

test('the table has its rows, and each reason one of them at least', (t) => {
  t.true(Object.keys(table).length >= 40)
  const seen = new Set(Object.values(table).map(([, , , reason]) => reason))
  t.deepEqual(rules.map(({ reason }) => reason).filter((reason) => !seen.has(reason)), [])
})

test('operators can look up each reason', (t) => {
  const text = readFileSync(new URL('../../docs/passkeys.md', import.meta.url), 'utf8')
  t.deepEqual(rules.map(({ reason }) => reason).filter((reason) => !text.includes(`\`${reason}\``)), [])
})

for (const [name, [row, show, cross, reason]] of Object.entries(table)) {
  test(`decides: ${name}`, (t) => {
    const decision = decide(signals(row))
    t.like(decision, { show, reason, crossDevice: cross !== false, lead: cross === 'first' ? 'elsewhere' : 'here' })
    t.regex(decision.words, /^[a-z].*[a-z]$/)
  })
}

// Everything that could be seen, also what never comes together: no two rules of a stage may disagree.
const anyPasskey = fc.record({
  kind: fc.constantFrom<KnownPasskey['kind']>('synced', 'device_bound', 'security_key'),
  transports: fc.subarray(['internal', 'hybrid', 'usb', 'nfc', 'ble']),
  attachment: fc.constantFrom<('platform' | 'cross-platform')[]>('platform', 'cross-platform'),
  fabric: fc.constantFrom(undefined, 'icloud', 'google', 'microsoft', 'samsung', 'manager'),
  platforms: fc.subarray(['Windows', 'Mac', 'iPhone', 'Android', 'Linux']),
  here: fc.boolean(),
})
const flag = fc.boolean()
const maybe = fc.constantFrom(undefined, true, false)
const anySignals: fc.Arbitrary<Signals> = fc.record({
  asks: fc.constantFrom<Signals['asks']>('anybody', 'named', 'confirm'),
  browser: fc.record({ family: fc.constantFrom('Chrome', 'Safari', 'Firefox', 'Edge', ''), platform: fc.constantFrom('Windows', 'Mac', 'iPhone', 'iPad', 'Android', 'Linux', 'Chrome OS', ''), phone: flag, inApp: flag }),
  capabilities: fc.option(fc.record({ script: flag, webauthn: flag, platform: flag, conditional: maybe, immediate: maybe, hybrid: maybe }), { nil: undefined }),
  here: flag, asked: flag, gone: flag,
  passkeys: fc.option(fc.array(anyPasskey, { maxLength: 3 }), { nil: undefined }),
  failures: fc.record({ run: fc.nat(3), recent: fc.nat(3) }),
  policy: fc.record({ crossDevice: fc.constantFrom<CrossDevice>('minimize', 'standard', 'maximize'), passkeyCounts: flag, guard: flag }),
}) as fc.Arbitrary<Signals>

test('no two rules of one stage decide a row differently, stages come in order, and one rule always holds', (t) => {
  const stages = ['able', 'experience', 'here', 'known', 'unknown']
  const order = rules.map(({ stage }) => stages.indexOf(stage))
  t.deepEqual(order, order.toSorted((a, b) => a - b))
  fc.assert(fc.property(anySignals, (given) => {
    const all = matching(given)
    const names = all.map(({ stage }) => stage)
    return all.length > 0 && new Set(names).size === names.length && all[0]!.reason === decide(given).reason
  }), { numRuns: 3000 })
})

test('whatever is seen: nothing elsewhere under minimize, no dialog by itself without a record, none after failures', (t) => {
  t.notThrows(() => fc.assert(fc.property(anySignals, (given) => {
    const { show, crossDevice, lead, reason } = decide(given)
    const minimal = given.policy.crossDevice === 'minimize' && !given.policy.guard
    if (minimal && (crossDevice || lead === 'elsewhere')) return false
    if (show === 'automatic' && (!given.here || given.asks !== 'named' || given.failures.run > 1 || given.failures.recent > 1 || given.browser.inApp || given.browser.family === 'Safari')) return false
    return lead === 'here' || crossDevice || reason === 'prefer_phone'
  }), { numRuns: 3000 }))
})

test('what is not told of an account changes nothing: without a record the decision is the same for everybody', (t) => {
  t.notThrows(() => fc.assert(fc.property(anySignals, ({ passkeys: _, ...given }) => {
    const alone = { ...given, here: false, gone: false }
    return ['not_known', 'prefer_phone', 'nothing_to_hold_one', 'failed_here', 'in_app', 'no_support', 'no_script', 'not_accepted'].includes(decide(alone).reason)
  })))
})

test('a passkey as it is stored says where it works', (t) => {
  const stored = (more: Partial<Passkey>) =>
    knownPasskey({ id: 'a', transports: ['internal'], backupEligible: true, enrolledUserAgent: 'Safari on Mac', ...more } as Passkey, { fabric: undefined, here: ['a'] })
  t.deepEqual(stored({ attachment: 'platform' }), { kind: 'synced', transports: ['internal'], attachment: 'platform', platforms: ['Mac'], here: true })
  t.deepEqual(stored({ attachment: 'cross-platform' }).platforms, [], 'made on a phone, beside this browser')
  t.deepEqual(stored({ enrolledUserAgent: 'Unknown browser' }).platforms, [])
  t.false(stored({ id: 'b' }).here)
  t.is(stored({ backupEligible: false, attachment: 'cross-platform', transports: ['usb'] }).kind, 'security_key')
})

test('what carries passkeys from device to device', (t) => {
  t.true(carriesTo('icloud', browser('Firefox', 'iPad')))
  t.false(carriesTo('icloud', chromeWindows))
  t.false(carriesTo('google', firefoxWindows))
  t.true(carriesTo('manager', firefoxLinux))
})
