import test from 'ava'
import type { Method, Proof } from '../../src/policy/types.ts'
import type { App } from '../helpers/app.ts'
import { client, startRig, type Rig } from './harness.ts'

const oneFactor = 'urn:latchkey:acr:1fa'
const shop = client('shop')
const bank = client('bank', { latchkey: { minimumAcr: 'phr' } })
const clinic = client('clinic', { latchkey: { maximumAge: 60 } })

let rig: Rig
let apps: Record<'shop' | 'bank' | 'clinic', App>
test.before(async () => {
  rig = await startRig([shop, bank, clinic])
  apps = { shop: await rig.app(shop), bank: await rig.app(bank), clinic: await rig.app(clinic) }
})
test.after.always(() => rig.close())

/** What the next logins prove, one entry each. */
function prove(...logins: (Method | Proof)[][]) {
  rig.stops.length = 0
  rig.answer = (request, { interactions }) => {
    const proofs = (logins.shift() ?? []).map((one) => (typeof one === 'string' ? rig.proof(one) : one))
    return interactions.finishLogin(request, { accountId: 'ada', proofs })
  }
}
const essential = (...values: string[]) => ({ claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }) })
const errorOf = (page: { url: URL }) => page.url.searchParams.get('error')

test.serial('acr, amr and auth_time come from the proofs', async (t) => {
  const at = Date.now() - 5_000
  prove([rig.proof('email_otp', { at })])
  const { tokens } = await rig.signIn(apps.shop)
  t.like(tokens.claims(), { acr: oneFactor, amr: ['otp'], auth_time: Math.floor(at / 1000) })
  prove(['email_otp', 'totp'])
  t.like((await rig.signIn(apps.shop)).tokens.claims(), { acr: 'urn:latchkey:acr:mfa' })
})

test.serial('plain acr_values: a step-up is asked for once, and answered with what was reached', async (t) => {
  const browser = rig.browser()
  prove(['email_otp'], ['passkey'])
  await rig.signIn(apps.shop, { browser })
  const { tokens } = await rig.signIn(apps.shop, { browser, parameters: { acr_values: 'phr' } })
  t.is(tokens.claims()?.['acr'], 'phr')
  t.is(rig.stops.length, 2)
  t.like(rig.stops[1], { prompt: 'login', session: { accountId: 'ada' }, requirement: { acrValues: ['phr'], essential: false } })
  t.deepEqual(rig.stops[1]?.session?.proofs.map(({ method }) => method), ['email_otp'])

  const again = await rig.signIn(apps.shop, { browser, parameters: { acr_values: 'phr' } })
  t.is(again.tokens.claims()?.['acr'], 'phr')
  t.is(rig.stops.length, 2)

  prove(['email_otp'])
  const poor = await rig.signIn(apps.shop, { parameters: { acr_values: 'phr' } })
  t.is(poor.tokens.claims()?.['acr'], oneFactor)
  t.is(rig.stops.length, 1)
})

test.serial('the acr returned is the first requested value that was reached', async (t) => {
  const browser = rig.browser()
  prove(['passkey'])
  const first = await rig.signIn(apps.shop, { browser, parameters: { acr_values: `phrh ${oneFactor} phr` } })
  t.is(first.tokens.claims()?.['acr'], oneFactor)
  const second = await rig.signIn(apps.shop, { browser, parameters: essential(oneFactor, 'phr') })
  t.is(second.tokens.claims()?.['acr'], oneFactor)
  t.is(rig.stops.length, 1)
})

test.serial('an essential acr that is not reached ends in an error, after one stop', async (t) => {
  prove(['email_otp'])
  const page = await rig.authorize(apps.shop, { parameters: essential('phr') })
  t.is(errorOf(page), 'unmet_authentication_requirements')
  t.is(rig.stops.length, 1)
  prove()
  for (const value of ['phrh', 'urn:nobody:knows']) {
    t.is(errorOf(await rig.authorize(apps.shop, { parameters: essential(value) })), 'unmet_authentication_requirements')
  }
  t.is(rig.stops.length, 0)
})

test.serial('a client has a floor of its own', async (t) => {
  const browser = rig.browser()
  prove(['email_otp'], ['passkey'], ['email_otp'])
  await rig.signIn(apps.shop, { browser })
  const { tokens } = await rig.signIn(apps.bank, { browser })
  t.is(tokens.claims()?.['acr'], 'phr')
  t.is(errorOf(await rig.authorize(apps.bank)), 'unmet_authentication_requirements')
})

test.serial('max_age and the client\'s maximum age ask again, once', async (t) => {
  const browser = rig.browser()
  prove([rig.proof('passkey', { at: Date.now() - 120_000 })], ['passkey'], [rig.proof('passkey', { at: Date.now() - 120_000 })])
  await rig.signIn(apps.shop, { browser })
  await rig.signIn(apps.shop, { browser, parameters: { max_age: '200' } })
  t.is(rig.stops.length, 1)
  const { tokens } = await rig.signIn(apps.shop, { browser, parameters: { max_age: '60' } })
  t.is(rig.stops.length, 2)
  t.true(Number(tokens.claims()?.['auth_time']) > Date.now() / 1000 - 60)
  await rig.signIn(apps.clinic, { browser })
  t.is(rig.stops.length, 2)
  t.is(errorOf(await rig.authorize(apps.clinic)), 'unmet_authentication_requirements')
})

test.serial('prompt=login wants proofs of this request', async (t) => {
  const browser = rig.browser()
  const old = rig.proof('passkey', { at: Date.now() - 5_000 })
  prove([old], [old], ['passkey'], ['passkey'])
  await rig.signIn(apps.shop, { browser })
  t.is(errorOf(await rig.authorize(apps.shop, { browser, parameters: { prompt: 'login' } })), 'unmet_authentication_requirements')
  t.is(rig.stops.length, 2)
  t.is(rig.stops[1]?.requirement.freshSince, rig.stops[1]?.startedAt)
  await rig.signIn(apps.shop, { browser, parameters: { prompt: 'login' } })
  await rig.signIn(apps.shop, { browser, parameters: { max_age: '0', scope: 'openid offline_access' } })
  t.is(rig.stops.length, 4)
})

test.serial('prompt=none never stops', async (t) => {
  const browser = rig.browser()
  const silent = (parameters: Record<string, string> = {}) => rig.authorize(apps.shop, { browser, parameters: { prompt: 'none', ...parameters } })
  prove(['email_otp'])
  t.is(errorOf(await silent()), 'login_required')
  await rig.signIn(apps.shop, { browser })
  t.is(errorOf(await silent()), null)
  t.is(errorOf(await silent({ acr_values: 'phr' })), null)
  t.is(errorOf(await silent(essential('phr'))), 'login_required')
  t.is(errorOf(await silent({ max_age: '1' })), null)
  t.is(rig.stops.length, 1)
})

test.serial('prompt=create opens sign-up, once', async (t) => {
  prove(['passkey'])
  const { tokens } = await rig.signIn(apps.shop, { parameters: { prompt: 'create', login_hint: 'ada@example.com', ui_locales: 'de en' } })
  t.is(tokens.claims()?.sub, 'ada')
  t.is(rig.stops.length, 1)
  t.like(rig.stops[0], { prompt: 'login', wantsSignUp: true, loginHint: 'ada@example.com', uiLocales: ['de', 'en'] })
})

test.serial('id_token_hint and the sub claim name who must sign in', async (t) => {
  const browser = rig.browser()
  prove(['passkey'])
  const { tokens } = await rig.signIn(apps.shop, { browser })
  t.is(errorOf(await rig.authorize(apps.shop, { browser, parameters: { prompt: 'none', id_token_hint: tokens.id_token! } })), null)
  const asBob = { claims: JSON.stringify({ id_token: { sub: { value: 'bob' } } }) }
  t.is(errorOf(await rig.authorize(apps.shop, { browser, parameters: { prompt: 'none', ...asBob } })), 'login_required')
  prove(['passkey'])
  t.is(errorOf(await rig.authorize(apps.shop, { parameters: asBob })), 'login_required')
  t.is(rig.stops.length, 1)
})

test.serial('proofs of another account are not taken', async (t) => {
  prove([rig.proof('email_otp'), rig.proof('passkey', { accountId: 'bob' })])
  const { tokens } = await rig.signIn(apps.shop)
  t.like(tokens.claims(), { sub: 'ada', acr: oneFactor })
})
