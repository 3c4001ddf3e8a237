/** Assurance comes only from recorded proofs: whatever is pressed, in whatever order, tab or process, none is gained without a method's success. */
import test from 'ava'
import { dispatch, type Situation, type Step } from '../../src/login/dispatch.ts'
import {
  changeIdentifier, choose, fresh, passkeyFailed, prove, proveUnowned, same, typeIdentifier, type LoginState, type Way,
} from '../../src/login/state.ts'
import { typeSignUp } from '../../src/login/sign-up-state.ts'
import { answer, assess } from '../../src/policy/assurance.ts'
import { leadingOn } from '../../src/policy/strategy.ts'
import { kindOf, otherMethods, type Method, type OtherMethod, type Proof } from '../../src/policy/types.ts'
import fc from '../helpers/property.ts'

type Person = 'maya' | 'sam' | 'new'
const emailOf = (person: Person) => `${person}@example.com`
/** `new` has no account before one is made */
const accounts: Record<Person, boolean> = { maya: true, sam: true, new: false }

type Press =
  | { kind: 'type' | 'passkey'; person: Person; signUp: boolean }
  | { kind: 'code' | 'use_old_code'; person: Person; by: OtherMethod }
  | { kind: 'choose'; way: Way | 'methods' | 'passkey_create' }
  | { kind: 'change' | 'close_dialog' | 'use_other' | 'acknowledge' | 'create_account' | 'skip' | 'never' | 'restart' }

const person = fc.constantFrom<Person>('maya', 'sam', 'new')
const press: fc.Arbitrary<Press> = fc.oneof(
  fc.record({ kind: fc.constantFrom('type' as const, 'passkey' as const), person, signUp: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('code' as const, 'code' as const, 'use_old_code' as const), person, by: fc.constantFrom(...otherMethods) }),
  fc.record({ kind: fc.constant('choose' as const), way: fc.constantFrom<Way | 'methods' | 'passkey_create'>('passkey', 'other_device', ...otherMethods, 'methods', 'passkey_create') }),
  fc.record({ kind: fc.constantFrom('change' as const, 'close_dialog' as const, 'use_other' as const, 'acknowledge' as const, 'create_account' as const, 'skip' as const, 'never' as const, 'restart' as const) }),
)

interface Start {
  session: Person | undefined
  wanted: string[]
  signUp: boolean
}

function walk({ session, wanted, signUp }: Start, presses: Press[]): void {
  let at = 0
  // any press may come at any moment, also one of a screen that is long gone: so do those of Back and of other tabs
  let saved = JSON.stringify(fresh(signUp ? 'sign_up' : 'sign_in'))
  const has = { ...accounts }
  const successes = new Set<string>()
  const spent = new Set<string>()
  const mailboxes = new Set<string>()
  const succeed = (method: Method, who: Person): Proof => {
    const proof: Proof = { method, at: ++at, accountId: who, usablePasskey: false }
    successes.add(JSON.stringify(proof))
    return proof
  }
  const before: Proof[] = session ? [succeed('email_otp', session)] : []

  const situationOf = (state: LoginState): Situation => {
    const who = state.accountId ?? (signUp ? undefined : session)
    const proofs = [...(who === session ? before : []), ...state.proofs]
    const requirement = { acrValues: state.withoutLevel ? [] : wanted, essential: false }
    const { met, missing } = answer(proofs, requirement, 0)
    const onlyPasskey = missing?.acr?.includes('phr') === true
    // everybody with an account has everything
    const supposed = (extra: Method[]): Proof[] => [...proofs, ...extra.map((method): Proof => ({ method, at: at + 1, accountId: who!, usablePasskey: false }))]
    const leading = who === undefined || met ? ['passkey' as const, ...otherMethods] : leadingOn<Method>(['passkey', ...otherMethods], (extra) => answer(supposed(extra), requirement, 0).met)
    for (const method of who === undefined || met ? [] : leading) {
      const kind = kindOf(method)
      if (kind !== undefined && !wanted.includes('phr') && proofs.some((proof) => kindOf(proof.method) === kind)) throw new Error(`${kind} a second time leads nowhere`)
    }
    return {
      prompt: 'login',
      ...(who !== undefined && state.accountId === undefined && { sessionAccountId: who }),
      met: who !== undefined && met,
      blocked: false,
      ways: leading.flatMap((method): Way[] => (method === 'passkey' ? ['passkey', 'other_device'] : [method])),
      links: false,
      first: 'email_otp',
      ...(who === undefined && state.flow === 'sign_up' && state.identifier && { proves: 'email_otp' as const }),
      offerPasskey: state.created === true && !state.offer,
      mayCreate: true,
      creationReaches: who !== undefined && onlyPasskey,
      recovering: false,
    }
  }

  for (const one of presses) {
    const state = JSON.parse(saved) as LoginState
    const { open } = dispatch(state, situationOf(state))
    const next = change(state, one, (step) => open.includes(step))
    if (next) saved = JSON.stringify(next)
    check(state, JSON.parse(saved) as LoginState)
  }

  function change(state: LoginState, one: Press, isOpen: (step: Step) => boolean): LoginState | undefined {
    const named = state.accountId ?? (signUp ? undefined : session)
    switch (one.kind) {
      case 'type':
        if (!isOpen(one.signUp ? 'sign_up' : 'identifier')) return undefined
        return one.signUp
          ? { ...typeSignUp(state, { email: emailOf(one.person) }), identifier: { kind: 'email', value: emailOf(one.person) } }
          : typeIdentifier(state, { kind: 'email', value: emailOf(one.person) }, 'sign_in')
      case 'change':
        return isOpen('identifier') ? changeIdentifier(state) : undefined
      case 'choose':
        return isOpen('methods') || isOpen('step_up') ? choose(state, one.way) : undefined
      case 'close_dialog':
        return isOpen('passkey') ? passkeyFailed(state, 'closed', named !== undefined || state.identifier !== undefined) : undefined
      case 'use_old_code':
      case 'code': {
        // a code works once, for the address it was sent to, while the screen for it is open
        const email = named ? emailOf(named as Person) : state.identifier?.value
        if (!isOpen(one.by) || email === undefined || email !== emailOf(one.person)) return undefined
        const proves = one.by === 'email_otp' || one.by === 'email_link'
        const code = one.kind === 'code' ? `${email} ${at}` : [...spent][0]
        if (code === undefined || spent.has(code)) return undefined
        spent.add(code)
        if (has[one.person]) return prove(state, succeed(one.by, one.person))
        // nobody has an app or a phone without an account
        if (!proves) return undefined
        if (state.flow === 'sign_in') {
          mailboxes.add(email)
          return proveUnowned(state, { method: one.by, identifier: { kind: 'email', value: email }, at: ++at })
        }
        has[one.person] = true
        reached.add('signed up')
        return { ...prove(state, succeed(one.by, one.person)), created: true }
      }
      case 'passkey': {
        if (!isOpen('passkey') || one.person === 'new') return undefined
        const proof = succeed('passkey', one.person)
        const another = named !== undefined ? named !== one.person : state.identifier !== undefined && state.identifier.value !== emailOf(one.person)
        return another ? { ...state, other: proof } : prove(state, proof)
      }
      case 'use_other':
        return isOpen('passkey') && state.other && named === undefined ? prove(changeIdentifier(state), state.other) : undefined
      case 'acknowledge':
        return isOpen('account_exists') ? { ...state, acknowledged: true } : undefined
      case 'create_account': {
        if (!isOpen('create_account') || state.unownedProof === undefined || state.identifier?.value !== emailOf('new') || has.new) return undefined
        has.new = true
        return { ...prove(state, succeed('email_otp', 'new')), created: true }
      }
      case 'skip':
        return isOpen('step_up') ? { ...state, withoutLevel: true } : undefined
      case 'never':
        return isOpen('passkey_create') ? { ...state, offer: { outcome: 'over' } } : undefined
      case 'restart':
        return undefined
    }
  }

  function check(from: LoginState, to: LoginState): void {
    for (const proof of [...to.proofs, ...(to.other ? [to.other] : [])]) {
      if (!successes.has(JSON.stringify(proof))) throw new Error(`a proof from nowhere: ${JSON.stringify(proof)}`)
    }
    if (to.proofs.some(({ accountId }) => accountId !== to.accountId)) throw new Error('a proof of somebody else counts')
    if ((to.accountId === undefined) !== (to.proofs.length === 0)) throw new Error('an account without a proof')
    if (to.unownedProof !== undefined && !mailboxes.has(to.identifier?.value ?? '')) throw new Error('a mailbox that nobody proved')
    if (to.created && to.accountId !== 'new') throw new Error('made by this sign-in, but somebody else')
    if (!same(from.identifier, to.identifier) && to.identifier !== undefined && from.accountId === to.accountId && to.proofs.length > 0) throw new Error('another address kept the proofs')
    const { due } = dispatch(to, situationOf(to))
    if (to.other !== undefined && due === 'finish') throw new Error('finished while another account’s passkey waits for a decision')
    if (due === 'finish') {
      for (const { method } of to.proofs) reached.add(`${wanted} by ${method}`)
      const who = to.accountId ?? session
      const proofs = [...(who === session ? before : []), ...to.proofs]
      if (!assess(proofs)) throw new Error('finished without a proof')
      if (wanted.length > 0 && !to.withoutLevel && !answer(proofs, { acrValues: wanted, essential: true }, 0).met) throw new Error('finished below the level')
    }
  }
}

/** What the walks came to: they are worth nothing where they get nowhere. */
const reached = new Set<string>()

/** The seed of a failure is in its message. */
test('no walk gains a proof that no method gave', (t) => {
  const start = fc.record({ session: fc.option(person.filter((who) => accounts[who]), { nil: undefined }), wanted: fc.constantFrom<string[]>([], ['phr'], ['urn:latchkey:acr:mfa']), signUp: fc.boolean() })
  t.notThrows(() => fc.assert(fc.property(start, fc.array(press, { minLength: 1, maxLength: 25 }), walk), { numRuns: 20_000 }))
  const ends = ['signed up', 'phr by passkey', ...otherMethods.map((method) => ` by ${method}`), ...['email_otp', 'sms_otp', 'totp', 'passkey'].map((method) => `urn:latchkey:acr:mfa by ${method}`)]
  t.deepEqual(ends.filter((end) => !reached.has(end)), [])
})
