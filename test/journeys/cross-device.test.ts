/** Passkeys of phones and keys at a sign-in: what is offered, what is asked for, what is taken, and the way on where it is not. */
import test, { type ExecutionContext } from 'ava'
import { shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { Visitor } from '../helpers/visitor.ts'
import { asked, buttonsOf, fail, screenOf, start } from './passkey-first-rig.ts'

const onlyImmediate = (html: string) => /<button[^>]*data-only-immediate[^>]*hidden/.test(html)
const wayTexts = (texts: string[]) => texts.filter((text) => /^Passkey on/.test(text)).map((text) => text.split(' Scan')[0])

/** A passkey for this device is offered after it. */
async function signedInByPhone(t: ExecutionContext, visitor: Visitor, page: Page): Promise<void> {
  const offer = await visitor.usePasskey(page)
  t.true((await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })).elsewhere, offer.heading)
}

test('minimize: a phone is not asked for, and its passkey not taken; another way leads on, and the passkey stays', async (t) => {
  const rig = await start(t, { crossDevice: 'minimize' })
  const owner = await rig.owner('phone')
  const stranger = rig.elsewhere(owner)
  const first = await rig.arrive(stranger)
  t.true(onlyImmediate(first.html), 'the button is for browsers that show no QR code')
  t.deepEqual(asked(first).hints, ['client-device'])

  const typed = await stranger.typeEmail(first)
  t.false(typed.forms.some(({ data }) => data['passkey'] === 'get'), 'nothing that could show a QR code')
  const methods = await stranger.browser.open(`${typed.url.pathname.replace('/email-otp', '')}/methods`)
  t.deepEqual(wayTexts(buttonsOf(methods)), [])

  // Somebody's own script, or a browser that minds no hints.
  const refused = await stranger.usePasskey(first)
  t.is(refused.heading, 'Example Shop accepts only a passkey on this device')
  t.is(refused.status, 200)
  t.is(buttonsOf(refused)[0], `Send a code to ${owner.email}`)
  t.true((await rig.server.foundation.storage.audit.query({ limit: 5 })).some(({ type, detail }) => type === 'sign_in.failed' && detail?.['reason'] === 'not_elsewhere'))
  const { frozenAt, removedAt } = await rig.passkeyOf(owner)
  t.deepEqual([frozenAt, removedAt], [undefined, undefined])
  await stranger.ignoreMail()
  const code = await stranger.browser.submit(refused, '/methods', { button: `Send a code to ${owner.email}` })
  t.is(code.heading, 'Check your email')
  await rig.server.advance(60_000)
  const sent = await stranger.browser.submit(code, '/email-otp', { button: 'Send a new code' })
  t.true((await stranger.typeCode(sent)).elsewhere, 'signed in')
})

test('minimize, nothing typed: said on the first page, and nothing is proven', async (t) => {
  const rig = await start(t, { crossDevice: 'minimize' })
  const owner = await rig.owner('key')
  const stranger = rig.elsewhere(owner)
  const refused = await stranger.usePasskey(await rig.arrive(stranger))
  t.is(screenOf(refused), '')
  t.true(refused.text.includes('Example Shop accepts only a passkey on this device.'))
  t.false(refused.forms.some(({ data }) => data['conditional'] !== undefined), 'the same would be refused again')
})

test('minimize: the passkey of this device signs in, on a phone too', async (t) => {
  const rig = await start(t, { crossDevice: 'minimize' })
  const owner = await rig.owner('icloud')
  const phone = rig.elsewhere(owner, 'safariPhone')
  const first = await rig.arrive(phone)
  t.true(onlyImmediate(first.html), 'until one was used here')
  t.true((await phone.usePasskey(first)).elsewhere, 'by autofill')
  const second = await rig.arrive(phone)
  t.false(onlyImmediate(second.html))
  const page = await phone.typeEmail(second)
  t.is(page.heading, 'Use your passkey')
  t.deepEqual(asked(page).allowCredentials[0]?.transports, ['internal'])
})

test('standard: the phone is behind a press of its own', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner('phone')
  const stranger = rig.elsewhere(owner)
  const first = await rig.arrive(stranger)
  t.is(asked(first).hints, undefined)
  const typed = await stranger.typeEmail(first)
  const methods = await stranger.browser.open(`${typed.url.pathname.replace('/email-otp', '')}/methods`)
  t.deepEqual(wayTexts(buttonsOf(methods)), ['Passkey on this device Fingerprint, face or screen lock', 'Passkey on my phone, or a security key'])
  const phone = await stranger.browser.submit(methods, methods.forms.find(({ values }) => values['method'] === 'other_device')!)
  t.is(phone.heading, 'Use another device')
  t.deepEqual(asked(phone).hints, ['hybrid', 'security-key'])
  await signedInByPhone(t, stranger, phone)
  // It was not this browser's: the next visit does not ask for it as if it were here.
  const again = await rig.arrive(stranger)
  t.is(buttonsOf(again)[0], 'Continue')
  t.is((await stranger.typeEmail(again)).heading, 'Use another device')
})

test('maximize: the phone comes first, this device second; on a phone its own passkey is not hidden', async (t) => {
  const rig = await start(t, { crossDevice: 'maximize' })
  const owner = await rig.owner('phone', 'safariPhone')
  const stranger = rig.elsewhere(owner)
  const first = await rig.arrive(stranger)
  t.deepEqual(asked(first, 0).hints, ['hybrid', 'security-key'])
  t.deepEqual(buttonsOf(first).slice(0, 3), ['Show the QR code', 'Use a passkey on this device', 'Continue'])
  t.deepEqual(asked(first, 1).hints, undefined)
  const typed = await stranger.typeEmail(first)
  t.deepEqual(asked(typed).hints, ['hybrid', 'security-key'])
  t.true((await stranger.usePasskey(typed)).elsewhere, 'a phone is what is wanted: nothing is offered')

  const phone = rig.elsewhere(owner, 'safariPhone')
  t.is(buttonsOf(await rig.arrive(phone))[0], 'Continue')
})

test('each app has its own say', async (t) => {
  const rig = await start(t, {}, { clients: [{ ...shop, latchkey: { passkeys: { crossDevice: 'minimize' } } } as never] })
  const owner = await rig.owner('phone')
  const stranger = rig.elsewhere(owner)
  const refused = await stranger.usePasskey(await rig.arrive(stranger))
  t.true(refused.text.includes('accepts only a passkey on this device'))
})

test('a dialog for a phone that ended without one: another way first, the phone beside it', async (t) => {
  const rig = await start(t)
  const visitor = await rig.knownByCode(await rig.owner('phone'), 'chromeWindows')
  const page = await visitor.typeEmail(await rig.arrive(visitor))
  t.is(page.heading, 'Use another device')
  const failed = await fail(visitor, page, 'NotAllowedError', 20_000)
  t.is(failed.heading, 'The passkey was not used')
  t.is(buttonsOf(failed)[0], `Send a code to ${visitor.email}`)
})
