/**
 * Two browsers, one account, and whoever has its mailbox: whatever is pressed, in whatever order and with whatever waits, a
 * passkey is added only by a passkey or by a recovery that was started there, was not stopped, and has waited; and what
 * stops people is lifted only by a passkey that is older.
 */
import test from 'ava'
import { dispatch, type Plan, type Situation, type Step } from '../../src/login/dispatch.ts'
import type { Flow } from '../../src/login/flow.ts'
import { guard, guardChange } from '../../src/login/guard.ts'
import { assessSituation, freezeId } from '../../src/login/situation.ts'
import { askRecovery, changeIdentifier, choose, decide, fresh, prove, typeIdentifier, type LoginState } from '../../src/login/state.ts'
import { assess } from '../../src/policy/assurance.ts'
import type { DowngradeSetting } from '../../src/policy/downgrade.ts'
import type { Proof } from '../../src/policy/types.ts'
import type { Account, Passkey } from '../../src/storage/types.ts'
import fc from '../helpers/property.ts'
import { appWith } from './rig.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const begin = 1_800_000_000_000
const email = 'maya@example.com'
const asIs = <T>(value: unknown): T => value as T

type Browser = 'here' | 'there'
type Act =
  | 'code' | 'ask_code' | 'methods' | 'old_passkey' | 'made_passkey' | 'begin' | 'start' | 'cancel' | 'leave' | 'offer_again' | 'create' | 'put_off'
  | 'stop_recovery' | 'let_recovery' | 'undo' | 'keep' | 'later' | 'another_address' | 'skip' | 'finish' | 'new_login'
type Press = { kind: Act; browser: Browser } | { kind: 'wait'; by: number } | { kind: 'disown' }

const act = (...kinds: Act[]) => fc.record({ kind: fc.constantFrom(...kinds), browser: fc.constantFrom<Browser>('here', 'there') })
const wait = (...by: number[]) => fc.record({ kind: fc.constant('wait' as const), by: fc.constantFrom(...by) })
const single: fc.Arbitrary<Press[]> = fc
  .oneof(
    { weight: 6, arbitrary: act('code', 'begin', 'start', 'create', 'finish', 'new_login', 'old_passkey', 'made_passkey') },
    { weight: 3, arbitrary: act('ask_code', 'methods', 'cancel', 'leave', 'offer_again', 'put_off', 'another_address', 'skip', 'stop_recovery', 'let_recovery', 'undo', 'keep', 'later') },
    { weight: 3, arbitrary: wait(4 * minute, 6 * minute, 23 * hour, day, 8 * day) },
    { weight: 1, arbitrary: fc.constant({ kind: 'disown' as const }) },
  )
  .map((one) => [one])
/** What people do in one go; walks are made of these and of single presses in between. */
const run = (...kinds: Act[]): fc.Arbitrary<Press[]> => fc.constantFrom<Browser>('here', 'there').map((browser) => kinds.map((kind) => ({ kind, browser })))
const runs = fc.oneof(
  single,
  run('new_login', 'code'),
  run('new_login', 'begin', 'code', 'start'),
  run('new_login', 'code', 'create'),
  run('new_login', 'code', 'finish'),
  run('new_login', 'old_passkey', 'finish'),
  run('new_login', 'old_passkey', 'stop_recovery', 'finish'),
  run('new_login', 'old_passkey', 'undo', 'let_recovery', 'finish'),
  run('new_login', 'made_passkey', 'stop_recovery', 'keep', 'finish'),
  run('new_login', 'old_passkey', 'finish', 'new_login', 'code', 'create'),
  fc.constant<Press[]>([{ kind: 'disown' }]),
  wait(day, 25 * hour).map((one) => [one]),
)
const presses = fc.array(runs, { minLength: 3, maxLength: 25 }).map((all) => all.flat())

async function walk(setting: DowngradeSetting, presses: Press[], seen: Map<string, number>): Promise<void> {
  const identifiers = { email: { signIn: true, signUp: 'required' }, phone: { signIn: false, signUp: 'off' }, username: { signIn: false, signUp: 'off' } }
  let now = begin
  let account: Account = {
    id: 'maya', createdAt: begin - 100 * day, userHandle: '', identifiers: [{ kind: 'email', value: email, verifiedAt: begin - 100 * day }], credentialIds: ['old'],
  }
  const passkeys = new Map<string, Passkey>([['old', asIs({ id: 'old', accountId: 'maya', createdAt: begin - 100 * day })]])
  const saved: Record<Browser, string> = { here: JSON.stringify(fresh()), there: JSON.stringify(fresh()) }
  const sessions: Record<Browser, Proof[]> = { here: [], there: [] }
  const madeIn: Record<Browser, string[]> = { here: [], there: [] }
  const successes = new Set<string>()
  /** what really happened, apart from what is stored */
  const starts: { browser: Browser; at: number; over: boolean }[] = []

  const usable = () => [...passkeys.values()].filter((passkey) => passkey.frozenAt === undefined)
  const succeed = (proof: Omit<Proof, 'at' | 'accountId'>): Proof => {
    const whole = { ...proof, at: now, accountId: 'maya' }
    successes.add(JSON.stringify(whole))
    return whole
  }
  const flowIn = (browser: Browser, state: LoginState): Flow => asIs({
    now, state, account: state.accountId === undefined ? undefined : account, devices: [], typedDevice: undefined, passkeys: [],
    ctx: { state: { device: { hash: browser } }, get: () => '' },
    request: {
      prompt: 'login', startedAt: now, requirement: { acrValues: [], essential: false }, client: appWith(), app: { id: 'shop' },
      ...(sessions[browser].length > 0 && { session: { accountId: 'maya', uid: browser, proofs: sessions[browser] } }),
    },
    deps: {
      config: { assurance: { downgrade: setting }, verification: { methods: ['email_otp'] }, identifiers, passkeys: { crossDevice: 'standard', creation: 'explain', prompts: { after: [], cooldown: day, growth: 2, maximum: 5, localAfterCrossDevice: true }, rollout: { percent: 100, clients: [], identifiers: [] } } },
      storage: { prompts: { query: async () => [] } },
      devices: { isRecognised: () => false, isElsewhere: () => false },
      accounts: { provenEmails: () => [email] },
      passkeys: { listFor: async () => usable() },
    },
  })

  for (const one of presses) {
    if (one.kind === 'wait') now += one.by
    else if (one.kind === 'disown') disown()
    else await pressed(one.kind, one.browser)
    check()
  }

  async function pressed(kind: Act, browser: Browser): Promise<void> {
    const state = JSON.parse(saved[browser]) as LoginState
    const flow = flowIn(browser, state)
    const situation = await assessSituation(flow)
    const plan = dispatch(state, situation)
    const next = change(kind, browser, state, flow, situation, plan)
    if (next) saved[browser] = JSON.stringify(next)
    if (next) seen.set(kind, (seen.get(kind) ?? 0) + 1)
  }

  function change(kind: Act, browser: Browser, state: LoginState, flow: Flow, situation: Situation, { due, open }: Plan): LoginState | undefined {
    const isOpen = (step: Step) => open.includes(step)
    switch (kind) {
      case 'new_login':
        return { ...typeIdentifier(fresh(), { kind: 'email', value: email }, 'sign_in'), capabilities: { script: true, webauthn: true, platform: true } }
      case 'another_address':
        return isOpen('identifier') ? changeIdentifier(state) : undefined
      case 'ask_code':
        return isOpen('methods') ? choose(state, 'email_otp') : undefined
      case 'methods':
        return isOpen('methods') ? choose(state, 'methods') : undefined
      case 'skip':
        return isOpen('step_up') ? { ...state, withoutLevel: true } : undefined
      case 'code':
        if (!isOpen('email_otp') || (state.identifier ?? flow.account) === undefined) return undefined
        return prove(state, succeed({ method: 'email_otp', identifier: `email:${email}`, deviceHash: browser, usablePasskey: account.credentialIds.length > 0 || account.frozen?.passkey === true }))
      case 'old_passkey':
      case 'made_passkey': {
        const id = kind === 'old_passkey' ? 'old' : madeIn[browser].at(-1)
        if (!isOpen('passkey') || !usable().some((passkey) => passkey.id === id)) return undefined
        return prove(state, succeed({ method: 'passkey', credentialId: id!, deviceHash: browser, usablePasskey: true }))
      }
      case 'begin':
        return isOpen('recovery') ? choose(askRecovery(state), 'email_otp') : undefined
      case 'start':
        if (!isOpen('recovery') || (situation.recovery !== 'may_start' && situation.recovery !== 'elsewhere')) return undefined
        if (!flow.state.proofs.concat(sessions[browser]).some(({ at }) => now - at <= 5 * minute)) throw new Error('started without a fresh proof')
        for (const start of starts) start.over = true
        starts.push({ browser, at: now, over: false })
        account = { ...account, recovery: { id: `r${now}`, startedAt: now, readyAt: now + day, expiresAt: now + 8 * day, deviceHash: browser, userAgent: '' } }
        return askRecovery(state)
      case 'cancel':
        if (!isOpen('recovery')) return undefined
        if (situation.recovery === 'waiting') stop(() => account.recovery?.deviceHash === browser)
        return { ...state, recover: 'over' }
      case 'leave':
        return isOpen('recovery') ? { ...state, recover: 'over' } : undefined
      case 'offer_again': {
        const { offer: _, ...rest } = state
        return isOpen('recovery') && situation.recovering ? rest : undefined
      }
      case 'create': {
        const decision = guard(flow)
        if (!isOpen('passkey_create') || !decision.allow) return undefined
        if (decision.by === 'recovery') {
          const { recovery, frozen: _, ...rest } = account
          if (!recovery || now < recovery.readyAt || now >= recovery.expiresAt) throw new Error('a right that is not there')
          account = rest
        }
        made(browser, decision.cooling)
        const { recover: _, ...rest } = state
        return { ...rest, offer: { outcome: 'created', credentialId: madeIn[browser].at(-1)! } }
      }
      case 'put_off':
        return isOpen('passkey_create') ? { ...state, offer: { outcome: 'over' } } : undefined
      case 'stop_recovery':
      case 'let_recovery': {
        const { recovery } = account
        if (!isOpen('recovery_notice') || !recovery) return undefined
        if (kind === 'stop_recovery') stop(() => olderThan(recovery.startedAt, browser, Infinity))
        return decide(state, recovery.id)
      }
      case 'undo':
      case 'keep':
      case 'later': {
        const { frozen } = account
        if (!isOpen('freeze_notice') || !frozen) return undefined
        if (kind !== 'later' && guardChange(flow, { do: 'settle_freeze' }).allow) {
          if (!olderThan(frozen.since, browser)) throw new Error('decided by something that is not older')
          const { frozen: _, ...rest } = account
          account = rest
        }
        return decide(state, freezeId(frozen))
      }
      case 'finish': {
        if (due !== 'finish') return undefined
        if (state.proofs.length === 0 && sessions[browser].length === 0) throw new Error('finished without a proof')
        if (state.proofs.length > 0 && (setting === 'block' || setting === 'step_up') && state.proofs.every((proof) => proof.method !== 'passkey' && proof.usablePasskey)) throw new Error('a weaker way signed in')
        unseen(browser, state)
        sessions[browser] = [...sessions[browser], ...state.proofs]
        return fresh()
      }
    }
  }

  /** by the records alone: a passkey that was used here lately, is older, and does not cool. To stop something it may be a while ago. */
  function olderThan(at: number, browser: Browser, within = 5 * minute): boolean {
    const { proofs } = JSON.parse(saved[browser]) as LoginState
    return [...proofs, ...sessions[browser]].some((proof) => {
      const used = now - proof.at <= within ? passkeys.get(proof.credentialId ?? '') : undefined
      return used !== undefined && used.createdAt < at && used.frozenAt === undefined && now >= Math.max(used.coolingUntil ?? 0, used.createdAt + day)
    })
  }

  /** The passkey that signs in here could have put something right, and was not asked. */
  function unseen(browser: Browser, { proofs, decided = [] }: LoginState): void {
    const used = passkeys.get(proofs.findLast(({ method, at }) => method === 'passkey' && now - at <= 5 * minute)?.credentialId ?? '')
    const { frozen, recovery } = account
    const stands = used !== undefined && used.frozenAt === undefined && now >= Math.max(used.coolingUntil ?? 0, used.createdAt + day)
    if (frozen && stands && used.createdAt < frozen.since && !decided.includes(freezeId(frozen))) throw new Error(`a freeze was not shown in ${browser}`)
    if (recovery && stands && used.createdAt < recovery.startedAt && now < recovery.expiresAt && !decided.includes(recovery.id)) throw new Error(`a recovery was not shown in ${browser}`)
  }

  function stop(may: () => boolean): void {
    if (!may()) throw new Error('stopped by somebody who may not')
    const { recovery: _, ...rest } = account
    account = rest
    for (const start of starts) start.over = true
  }

  /** Whatever the guard has said: by what right, of all that really happened? */
  function made(browser: Browser, cooling: boolean): void {
    const { proofs } = JSON.parse(saved[browser]) as LoginState
    const byPasskey = [...proofs, ...sessions[browser]].some(({ method, at, credentialId }) => method === 'passkey' && now - at <= 5 * minute && passkeys.get(credentialId!)?.frozenAt === undefined)
    if (!byPasskey) {
      const right = starts.find((start) => start.browser === browser && !start.over && now - start.at >= day && now - start.at < 8 * day)
      if (!right) throw new Error('a passkey by no right')
      if (!cooling) throw new Error('it does not cool')
      right.over = true
    }
    const id = `made ${now} ${madeIn[browser].length}`
    madeIn[browser].push(id)
    passkeys.set(id, asIs({ id, accountId: 'maya', createdAt: now, ...(cooling && { coolingUntil: now + day }) }))
    account = { ...account, credentialIds: [...account.credentialIds, id] }
    seen.set(byPasskey ? 'made by passkey' : 'made by recovery', (seen.get(byPasskey ? 'made by passkey' : 'made by recovery') ?? 0) + 1)
  }

  /** "This was not me", about the newest passkey: pressed by anybody with the mailbox. */
  function disown(): void {
    const passkey = usable().at(-1)
    if (!passkey || passkey.id === 'old') return
    passkeys.set(passkey.id, { ...passkey, frozenAt: now })
    const since = Math.min(passkey.createdAt, account.frozen?.since ?? Infinity)
    account = { ...account, credentialIds: account.credentialIds.filter((id) => id !== passkey.id), frozen: { at: now, since, changeIds: [passkey.id], passkey: true } }
    for (const browser of ['here', 'there'] as const) sessions[browser] = sessions[browser].filter(({ credentialId }) => credentialId !== passkey.id)
  }

  function check(): void {
    for (const browser of ['here', 'there'] as const) {
      const { proofs } = JSON.parse(saved[browser]) as LoginState
      for (const proof of [...proofs, ...sessions[browser]]) if (!successes.has(JSON.stringify(proof))) throw new Error('a proof from nowhere')
      if (assess(sessions[browser])?.acr === 'phr' && !sessions[browser].some(({ method }) => method === 'passkey')) throw new Error('more than was proven')
    }
  }
}

test('no walk adds a passkey, stops a recovery or lifts a freeze without a right', async (t) => {
  const seen = new Map<string, number>()
  const setting = fc.constantFrom<DowngradeSetting>('allow', 'notify', 'step_up', 'block')
  await t.notThrowsAsync(() => fc.assert(fc.asyncProperty(setting, presses, (setting, presses) => walk(setting, presses, seen)), { numRuns: 1500, includeErrorInReport: true }))
  t.log(Object.fromEntries(seen))
  for (const kind of ['made by recovery', 'made by passkey', 'stop_recovery', 'undo', 'start', 'finish']) t.true((seen.get(kind) ?? 0) > 0, `no walk comes to: ${kind}`)
})
