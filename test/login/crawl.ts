/**
 * Walks every page that can be reached, by the forms and links that the pages themselves show. From each one, with any
 * method refused once, another allowed method or the way back to the app is at most two presses away.
 */
import test, { type ExecutionContext } from 'ava'
import { fresh, prove, typeIdentifier, type LoginState, type Way } from '../../src/login/state.ts'
import type { Method, Proof } from '../../src/policy/types.ts'
import type { Form } from '../helpers/html.ts'
import { account, appWith, createRig, minute, now, rightCode, thisBrowser, type Drawn, type Rig, type World } from './rig.ts'

const owner = 'maya@example.com'
const withoutPasskey = 'sam@example.org'
const nobody = 'new@example.net'
const theirs = account(owner, ['passkey of maya'])
const others = account('eve@example.org', ['passkey of eve'])
const plain = account(withoutPasskey)

const proof = (method: Method, { id }: { id: string }, age = 0): Proof => ({ method, at: now - age, accountId: id, usablePasskey: false })
const session = (of: { id: string }, method: Method, age: number): World['request'] => ({ session: { accountId: of.id, uid: 's', proofs: [proof(method, of, age)] } })
const phr = { requirement: { acrValues: ['phr'], essential: false } }
const essential = { requirement: { acrValues: ['phr'], essential: true } }
const offered: LoginState = { ...prove(typeIdentifier(fresh('sign_up'), { kind: 'email', value: withoutPasskey }, 'sign_up'), proof('email_otp', plain, 6 * minute)), created: true, offer: { outcome: 'open', neverButton: true } }
const hour = 60 * minute
const weaker: Proof = { ...proof('email_otp', theirs), usablePasskey: true }
const byWeaker = prove(typeIdentifier(fresh(), { kind: 'email', value: owner }, 'sign_in'), weaker)
const byPasskey = prove(typeIdentifier(fresh(), { kind: 'email', value: owner }, 'sign_in'), { ...proof('passkey', theirs), credentialId: 'passkey of maya' })
const client = (downgrade: 'step_up' | 'block', more: object = {}): World['request'] =>
  ({ client: appWith({ downgrade }), ...more })
const recovering = (deviceHash: string, startedAt: number): World['accounts'] =>
  [{ ...theirs, recovery: { id: 'r', startedAt, readyAt: startedAt + 24 * hour, expiresAt: startedAt + 192 * hour, deviceHash, userAgent: 'Firefox on Linux' } }, others]
const frozen: World['accounts'] = [{ ...theirs, frozen: { at: now - minute, since: now - hour, changeIds: ['change'] } }, others]
const twoKinds = { requirement: { acrValues: ['urn:latchkey:acr:mfa'], essential: false } }
const withApp: World['accounts'][number] = { ...plain, factors: { totp: { since: now - 1e9 } } }
const withEverything: World['accounts'][number] = { ...theirs, factors: { totp: { since: now - 1e9 }, recovery_codes: { since: now - 1e9, left: 3 } } }
const passkeysOnly: World['accounts'] = [{ ...theirs, passkeysOnlySince: now - hour }, others]
const capabilities = JSON.stringify({ webauthn: true, platform: true })

const roots: Record<string, { who: string; ways: Way[]; request?: World['request']; state?: LoginState; accounts?: World['accounts'] }> = {
  'somebody with a passkey': { who: owner, ways: ['passkey', 'email_otp'] },
  'somebody without one': { who: withoutPasskey, ways: ['passkey', 'email_otp'] },
  'somebody new': { who: nobody, ways: ['passkey', 'email_otp'] },
  'prompt=create': { who: nobody, ways: ['email_otp'], request: { wantsSignUp: true } },
  'a step-up with a passkey': { who: owner, ways: ['passkey', 'other_device'], request: { ...session(theirs, 'email_otp', minute), ...phr } },
  'an essential one': { who: owner, ways: ['passkey', 'other_device'], request: { ...session(theirs, 'email_otp', minute), ...essential } },
  'a step-up without a passkey': { who: withoutPasskey, ways: [], request: { ...session(plain, 'email_otp', minute), ...phr } },
  '… by a proof that is too old to create one': { who: withoutPasskey, ways: ['email_otp'], request: { ...session(plain, 'email_otp', 9 * minute), ...phr } },
  'asked again by max_age': { who: owner, ways: ['passkey', 'email_otp', 'other_device'], request: { ...session(theirs, 'passkey', 60 * minute), requirement: { acrValues: [], essential: false, maxAge: 60 } } },
  'an offer that stood open too long': { who: withoutPasskey, ways: ['email_otp'], state: offered },
  '… and a passkey was made elsewhere': { who: withoutPasskey, ways: ['passkey', 'other_device'], state: offered, accounts: [{ ...plain, credentialIds: ['passkey of sam'] }, others] },
  'a code where a passkey is asked for on top': { who: owner, ways: ['passkey', 'other_device'], request: client('step_up'), state: byWeaker },
  '… in a browser that knows no passkeys': { who: owner, ways: [], request: client('step_up'), state: { ...byWeaker, capabilities: { script: true, webauthn: false, platform: false } } },
  'a code where only a passkey signs in': { who: owner, ways: ['passkey', 'other_device'], request: client('block'), state: byWeaker },
  '… in a browser that knows no passkeys at all': { who: owner, ways: [], request: client('block'), state: { ...byWeaker, capabilities: { script: true, webauthn: false, platform: false } } },
  '… by a code that is too old to begin the way back': { who: owner, ways: ['passkey', 'email_otp'], request: client('block'), state: { ...prove(typeIdentifier(fresh(), { kind: 'email', value: owner }, 'sign_in'), { ...weaker, at: now - 9 * minute }), recover: 'asked' } },
  'a rule asks for more': { who: owner, ways: ['passkey'], state: { ...byWeaker, challenge: { methods: ['passkey'] } } },
  '… than there is': { who: withoutPasskey, ways: [], state: { ...prove(typeIdentifier(fresh(), { kind: 'email', value: withoutPasskey }, 'sign_in'), proof('email_otp', plain)), challenge: { methods: ['totp'] } } },
  'an app that takes only passkeys': { who: owner, ways: ['passkey'], request: { requirement: { acrValues: [], essential: false, methods: ['passkey'] } }, state: typeIdentifier(fresh(), { kind: 'email', value: owner }, 'sign_in') },
  'a recovery that waits here': { who: owner, ways: ['passkey'], request: client('block'), accounts: recovering(thisBrowser, now - hour), state: { ...byWeaker, recover: 'asked' } },
  '… or elsewhere': { who: owner, ways: ['passkey'], request: client('block'), accounts: recovering('another', now - hour), state: { ...byWeaker, recover: 'asked' } },
  '… long enough': { who: owner, ways: [], request: client('block'), accounts: recovering(thisBrowser, now - 25 * hour), state: byWeaker },
  '… and the code is old': { who: owner, ways: ['email_otp'], request: client('block'), accounts: recovering(thisBrowser, now - 25 * hour), state: { ...prove(typeIdentifier(fresh(), { kind: 'email', value: owner }, 'sign_in'), { ...weaker, at: now - 9 * minute }), recover: 'asked' } },
  'somebody recovers the account': { who: owner, ways: [], accounts: recovering('another', now - hour), state: byPasskey },
  'somebody disowned a change': { who: owner, ways: [], accounts: frozen, state: byPasskey },
  '… and a code signs in': { who: owner, ways: ['passkey'], accounts: frozen, request: client('block'), state: byWeaker },
  '… of which nothing is left': { who: owner, ways: ['email_otp'], accounts: [{ ...theirs, credentialIds: [], frozen: { at: now - minute, since: now - hour, changeIds: ['change'] } }, others], request: { ...session(theirs, 'email_otp', 9 * minute), ...essential } },
  'an app that asks for two kinds': { who: withoutPasskey, ways: ['totp'], accounts: [withApp, others], request: { ...session(plain, 'email_otp', minute), ...twoKinds } },
  '… of somebody who has one': { who: withoutPasskey, ways: [], request: { ...session(plain, 'email_otp', minute), ...twoKinds } },
  '… of somebody with a passkey': { who: owner, ways: ['passkey', 'other_device'], request: { ...session(theirs, 'email_otp', minute), ...twoKinds } },
  'a code where more is asked for on top, and a second kind is there': { who: owner, ways: ['passkey', 'other_device', 'totp', 'recovery_code'], accounts: [withEverything, others], request: client('step_up'), state: byWeaker },
  '… or does not sign in at all': { who: owner, ways: ['passkey', 'other_device', 'recovery_code'], accounts: [withEverything, others], request: client('block'), state: byWeaker },
  'passkeys only, with recovery codes': { who: owner, ways: ['passkey', 'other_device', 'recovery_code'], accounts: [{ ...withEverything, passkeysOnlySince: now - hour }, others], request: { ...session(theirs, 'passkey', 60 * minute), requirement: { acrValues: [], essential: false, maxAge: 60 } } },
  'an account that takes no codes': { who: owner, ways: ['passkey', 'email_otp'], accounts: passkeysOnly },
  '… asked for more': { who: owner, ways: ['passkey', 'other_device'], accounts: passkeysOnly, request: { ...session(theirs, 'passkey', 60 * minute), requirement: { acrValues: [], essential: false, maxAge: 60 } } },
  'consent': { who: owner, ways: [], request: { ...session(theirs, 'passkey', minute), prompt: 'consent', consent: { scopes: ['email'], resourceScopes: {}, claims: [] } } },
}

/** Pages of which each button ends the sign-in. */
const decisions = ['consent', '… than there is', 'somebody recovers the account', 'somebody disowned a change']

interface Press {
  name: string
  /** the method that it tries */
  tries?: Way
  /** its success is a proof */
  succeeds?: boolean
  follow(): Promise<{ page: Drawn; world: World }>
}

/** Everything a person can do on a page, read off its markup. Another language is no step. */
function pressesOn(rig: Rig, { page, world }: { page: Drawn; world: World }, who: string): Press[] {
  const links = page.links
    .filter(({ href }) => href.startsWith('/interaction/u'))
    .map(({ href, text }): Press => ({ name: text, follow: () => rig.open(world, href.replace('/interaction/u', '')) }))
  const buttons = page.forms.filter(({ action }) => action.startsWith('/interaction/u')).flatMap((form) => pressesOf(rig, form, page, world, who))
  const from = `${who} ${JSON.stringify(world.request)} ${identity({ page, world })}`
  return [...links, ...buttons].map((press) => ({ ...press, follow: () => once(`${from} ${press.name}`, press.follow) }))
}

/** Each press is made once: the second walk over it reads what came of it. */
const made = new Map<string, ReturnType<Press['follow']>>()
async function once(key: string, follow: Press['follow']) {
  const known = made.get(key) ?? follow()
  made.set(key, known)
  return known
}

function pressesOf(rig: Rig, form: Form, page: Drawn, world: World, who: string): Press[] {
  const path = form.action.replace('/interaction/u', '')
  const press = (name: string, values: Record<string, string>, more: Partial<Press> = {}): Press => ({ name, ...more, follow: () => rig.press(world, form, values) })
  const label = form.buttons[0]?.text ?? ''
  if (form.data['passkey'] === 'get') {
    const options = JSON.parse(form.data['options'] ?? '{}') as { allow?: string[] }
    const tries: Way = page.screen === '/other-device' ? 'other_device' : 'passkey'
    const held = options.allow ?? world.accounts.find(({ identifiers }) => identifiers.some(({ value }) => value === who))?.credentialIds ?? []
    return [
      ...(held[0] ? [press(`${label}: touched`, { response: held[0], capabilities }, { tries, succeeds: true })] : []),
      press(`${label}: of somebody else`, { response: 'passkey of eve', capabilities }, { tries }),
      press(`${label}: bad`, { response: 'bogus' }, { tries }),
      press(`${label}: closed`, { error: 'NotAllowedError', elapsed: '5000' }, { tries }),
    ]
  }
  if (form.data['passkey'] === 'create') return [press(`${label}: made`, { response: 'passkey made here' }), press(`${label}: closed`, { error: 'NotAllowedError', elapsed: '5000' }), press(`${label}: exists`, { error: 'InvalidStateError' })]
  if ('code' in fieldsOf(form)) {
    const tries = path.slice(1).replaceAll('-', '_') as Way
    // Nobody here has an app or codes on paper.
    const right = tries === 'totp' || tries === 'recovery_code' ? [] : [press('the right code', { code: rightCode }, { tries, succeeds: true })]
    return [...right, press('a wrong code', { code: '000000' }, { tries })]
  }
  const typed = { ...(path.endsWith('identifier') && 'identifier' in fieldsOf(form) && { identifier: who, capabilities }), ...(path === '/sign-up' && { identifier: who, capabilities }) }
  return form.buttons
    .filter(({ action }) => action === undefined && path !== '/language')
    .map((button) => press(button.text, { ...typed, ...(button.name && { [button.name]: button.value }) }))
}

const isCode = (way: Way): boolean => way !== 'passkey' && way !== 'other_device'

const fieldsOf = ({ values }: Form) => values

/** The same page again: what was typed, sent and counted does not make another one. */
function identity({ page, world }: { page: Drawn; world: World }): string {
  const { failures = 0, ...state } = world.state ?? {}
  return JSON.stringify([page.left ?? page.screen, page.heading, page.alerts, state, Math.min(failures, 2), world.accounts.map(({ id, credentialIds, recovery, frozen }) => [id, credentialIds, recovery?.deviceHash, frozen !== undefined])])
}

/** What can be tried from here within so many presses; `app`: the browser goes back to it. */
async function within(rig: Rig, at: { page: Drawn; world: World }, who: string, presses: number, found = new Set<Way | 'app'>()): Promise<Set<Way | 'app'>> {
  for (const { tries, follow } of pressesOn(rig, at, who)) {
    if (tries) found.add(tries)
    // The way back is one that asks for nothing.
    if (presses === 0 || tries) continue
    const next = await follow()
    if (next.page.left !== undefined) found.add('app')
    else await within(rig, next, who, presses - 1, found)
  }
  return found
}

async function crawl(t: ExecutionContext, rig: Rig, name: keyof typeof roots, far: number) {
  const { who, ways, request = {}, state, accounts = [theirs, plain, others] } = roots[name]!
  const world: World = { request, accounts, prompts: [], ...(state && { state }) }
  const queue = [{ ...(await rig.open(world)), path: [name] }]
  const seen = new Set<string>()
  for (let at = queue.shift(); at; at = queue.shift()) {
    if (at.page.left !== undefined || seen.has(identity(at))) continue
    seen.add(identity(at))
    const path = at.path.join(' > ')
    const reached = await within(rig, at, who, 2)
    t.true(reached.has('app'), `${path}: no way back to the app`)
    if (at.path.length === 1) t.deepEqual(ways.filter((way) => !reached.has(way)), [], `${path}: a method is out of reach`)
    for (const press of pressesOn(rig, at, who)) {
      const next = await press.follow()
      const step = `${path} > ${press.name}`
      const slip = press.tries !== undefined && isCode(press.tries) && !press.succeeds
      t.true(next.page.status < 400 || slip, `${step}: ${next.page.status} ${next.page.heading}`)
      if (press.tries && !press.succeeds && next.page.left === undefined) {
        t.true(saysSo(next.page), `${step}: what happened is not said on "${next.page.heading}"`)
        const left = await within(rig, next, who, 2)
        const other = [...reached].filter((way) => way !== press.tries && way !== 'app')
        t.true(left.has('app') && (other.length === 0 || other.some((way) => left.has(way))), `${step}: ${other} not within two presses, only ${[...left]}`)
      }
      if (at.path.length < far) queue.push({ ...next, path: [...at.path, press.name] })
    }
  }
  return seen.size
}

const refusals = [
  'The passkey was not used', 'We could not check this passkey', 'That passkey belongs to another account', 'There is no passkey for',
  'That took too long', 'There is a problem',
]
const saysSo = (page: Drawn) => refusals.some((words) => page.text.includes(words))

/** A test for each beginning: every page that is fewer than `far` presses away from it, and what is two presses away from there. */
export function crawls(far: number): void {
  let rig: Rig
  test.before(async () => {
    rig = await createRig()
  })
  test.after.always(() => rig.dispose())

  for (const name of Object.keys(roots)) {
    test.serial(`no dead end: ${name}`, async (t) => {
      const pages = await crawl(t, rig, name, far)
      t.log(`${pages} pages`)
      t.true(pages > 1 || decisions.includes(name))
    })
  }
}
