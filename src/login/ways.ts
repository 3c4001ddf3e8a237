import { passkeysAt } from '../config/for-client.ts'
import { accountClientId } from '../config/schema.ts'
import type { Decision } from '../passkeys/index.ts'
import { answer, assess, type Requirement } from '../policy/assurance.ts'
import { signInOffer, type SignInOffer } from '../policy/cross-device.ts'
import { downgradeAction, type DowngradeAction } from '../policy/downgrade.ts'
import { mayAddPasskey, type EnrolmentDecision } from '../policy/enrolment.ts'
import { leadingOn, methodsFor, offered, provenKinds, sendsTo, type MethodPurpose } from '../policy/strategy.ts'
import { identifierKinds, kindOf, rankOf, type Method, type Proof } from '../policy/types.ts'
import type { IdentifierKind } from '../storage/types.ts'
import { isPhone } from './browser.ts'
import type { Flow } from './flow.ts'
import { enrolmentFacts } from './guard.ts'
import { isMarked } from './passkey-first.ts'
import { proofBy, proofsOf } from './proofs.ts'
import type { Challenge, Way } from './state.ts'

/** What people can sign in with at this app, in the order in which labels name it. */
export const signInKinds = ({ deps: { config }, request: { client } }: Flow): IdentifierKind[] =>
  identifierKinds.filter((kind) => client.latchkey.identifiers[kind].signIn ?? config.identifiers[kind].signIn)

/** What an account made or used here may have. */
const kindsInUse = (flow: Flow): IdentifierKind[] => {
  const { deps: { config }, request: { client } } = flow
  return identifierKinds.filter((kind) => signInKinds(flow).includes(kind) || (client.latchkey.identifiers[kind].signUp ?? config.identifiers[kind].signUp) !== 'off')
}

/** Unknown counts as able: the pages hide what the browser then turns out not to do. */
export const browserCanUsePasskeys = (flow: Pick<Flow, 'state'>): boolean => flow.state.capabilities?.webauthn ?? true

/**
 * Every method that may be used for this, here. Before a proof those that anybody could have, as config, app and browser
 * allow; narrowed to what the account has once that may be told. `anyApp`: whatever the app lets count; `guard`: for the
 * enrolment guard, which takes a passkey of whatever device.
 */
export function methodsHere(flow: Flow, purpose: MethodPurpose, { anyApp = false, guard = false } = {}): Method[] {
  const { deps: { config }, request: { requirement } } = flow
  const account = flow.account ?? flow.typedAccount
  const all = methodsFor(purpose, {
    server: config.verification.methods,
    client: anyApp ? undefined : requirement.methods,
    reachable: reachable(flow),
    account,
  })
  const passkey = browserCanUsePasskeys(flow) && (guard || account === undefined || flow.passkeyWorks !== false)
  return all.filter((method) => method !== 'passkey' || passkey)
}

/** What a code or link can be sent to: what was typed, as long as nothing is proven; after that what the account has proven. */
function reachable(flow: Flow): IdentifierKind[] {
  const { account, typedAccount, state } = flow
  if (account) return provenKinds(account)
  if (!typedAccount) return kindsInUse(flow)
  return [...provenKinds(typedAccount), ...(state.identifier ? [state.identifier.kind] : [])]
}

/** What policy makes of passkeys here, the one of this device and those of others. `guard`: the enrolment guard asks, which takes a phone whatever the strategy. */
export function offerHere(flow: Flow, { guard = false } = {}): SignInOffer {
  const { deps: { config }, request: { client }, state, account } = flow
  const immediate = state.capabilities?.immediate === true
  // Asked for the passkeys of an account, and of this device alone, a browser has no reason to show a QR code.
  const marked = account !== undefined || isMarked(flow)
  return signInOffer(passkeysAt(config, client).crossDevice, { phone: isPhone(flow), marked, immediate }, { guard })
}

/** As people pick them: a passkey may be here, or on a phone. */
function waysOf(flow: Flow, methods: Method[], { guard = false } = {}): Way[] {
  const { button, elsewhere, first } = offerHere(flow, { guard })
  const places: Way[] = [...(button ? (['passkey'] as const) : []), ...(elsewhere ? (['other_device'] as const) : [])]
  const passkeys = first === 'elsewhere' ? places.toReversed() : places
  return offered(methods).flatMap((method): Way[] => (method === 'passkey' ? passkeys : [method]))
}

/** One that did not work, or cannot, comes after all others. */
export const inOrder = (ways: Way[], decision: Pick<Decision, 'show'> | undefined): Way[] =>
  decision?.show === 'other_method_first' ? [...ways.filter((way) => !isPasskey(way)), ...ways.filter(isPasskey)] : ways

const isPasskey = (way: Way): boolean => way === 'passkey' || way === 'other_device'

/** A link may be pressed where its mail is sent: beside a code, or by itself. */
export const takesLinks = (flow: Flow): boolean => methodsHere(flow, 'sign_in', { anyApp: flow.state.flow === 'sign_up' }).includes('email_link')

/** Before a proof. A code begins the way back in, whatever the app takes in the end. */
export function waysForAnybody(flow: Flow): Way[] {
  const back = flow.state.recover === 'asked' ? methodsHere(flow, 'recovery') : []
  return waysOf(flow, [...new Set([...methodsHere(flow, 'sign_in'), ...back])])
}

/** Those after which nothing is missing, or which are one of two or three that do it together. */
export function waysToLevel(flow: Flow, decision: EnrolmentDecision): Way[] {
  const guard = ownPages(flow)
  const ways = leadingOn(methodsHere(flow, 'step_up', { guard }), (extra) => isEnough(flow, extra))
  if (ways.length > 0) return waysOf(flow, ways, { guard })
  // Nothing that there is will do: what lets a passkey be made, then.
  const hasNone = flow.account!.credentialIds.length === 0 || flow.passkeyWorks === false
  const makesOne = hasNone && !decision.allow && isEnough(flow, ['passkey'])
  return makesOne ? waysToCreation(flow, decision) : []
}

/** What proves enough for the guard, and for the operator's rules, where they say no. */
export function waysToCreation(flow: Flow, decision: EnrolmentDecision): Way[] {
  const { enrolmentChallenge: asked } = flow.state
  const here = methodsHere(flow, 'step_up', { anyApp: true, guard: true })
  const isAsked = (extra: Method[]) => asked === undefined || meets(flow, asked, extra)
  if (decision.allow) return asked ? waysOf(flow, leadingOn(here, isAsked), { guard: true }) : []
  const passkey = here.filter((method) => method === 'passkey' && (decision.way === 'passkey' || decision.way === 'older_passkey'))
  const facts = enrolmentFacts(flow)
  const unlocks = (extra: Method[]) => mayAddPasskey({ ...facts, proofs: [...facts.proofs, ...supposed(flow, extra)] }).allow && isAsked(extra)
  return waysOf(flow, [...passkey, ...leadingOn(here.filter((method) => method !== 'passkey'), unlocks)], { guard: true })
}

/** To begin the way back in, or to go on with it. */
export const waysBack = (flow: Flow): Way[] => waysOf(flow, methodsHere(flow, 'recovery'))

/** Proofs as they would be, were these proven now. */
const supposed = (flow: Flow, methods: Method[]): Proof[] =>
  methods.map((method) => proofBy(flow, flow.account!, method, method === 'passkey' || flow.passkeyWorks === undefined ? {} : { usablePasskey: flow.passkeyWorks }))

/** Whether nothing that the app, the operator's settings and the operator's rules ask for is missing; `extra`: proven on top. */
export function isEnough(flow: Flow, extra: Method[] = []): boolean {
  const { state: { challenge } } = flow
  return judge(flow, extra).met && !['step_up', 'block'].includes(downgrade(flow, extra)) && (challenge === undefined || meets(flow, challenge, extra))
}

/** Whether the proofs reach what the request asks for. */
export function judge(flow: Flow, extra: Method[] = []): ReturnType<typeof answer> {
  return answer([...proofsOf(flow), ...supposed(flow, extra)], asked(flow), flow.request.startedAt)
}

/** A level that is only preferred may be given up by the person; the true one is then told to the app. */
function asked({ request: { requirement }, state }: Flow): Requirement {
  return state.withoutLevel && !requirement.essential ? { ...requirement, acrValues: [] } : requirement
}

/**
 * What the proofs of this sign-in lead to where the account has something better; before there are any, those of the
 * session. What the session holds by another kind of code, and still counts here, is a second kind.
 */
export function downgrade(flow: Flow, extra: Method[] = []): DowngradeAction {
  const { state, request, deps } = flow
  const setting = request.client.latchkey.assurance.downgrade ?? deps.config.assurance.downgrade
  const here = [...state.proofs, ...supposed(flow, extra)]
  const all = [...proofsOf(flow), ...supposed(flow, extra)]
  const alone = downgradeAction(here.length > 0 ? here : all, setting)
  if (alone !== 'step_up') return alone
  const { freshSince = -Infinity, maxAge = Infinity } = request.requirement
  const since = Math.max(freshSince, request.startedAt - maxAge * 1000)
  return downgradeAction(all.filter(({ method, at }) => kindOf(method) !== undefined && at >= since), setting)
}

/** A rule asks for a level, and for one of the methods, on top. What is there already was not enough for it: that it judges itself. */
function meets(flow: Flow, { acr, methods }: Challenge, extra: Method[]): boolean {
  if (extra.length === 0) return false
  const proofs = [...proofsOf(flow), ...supposed(flow, extra)]
  const level = assess(proofs)?.acr
  return (acr === undefined || (level !== undefined && rankOf(level) >= rankOf(acr))) && (methods === undefined || proofs.some(({ method }) => (methods as string[]).includes(method)))
}

/** The way that is shown after Continue: the passkey where it comes first; else what can be sent to what was typed; else a passkey, which needs no more than a press. */
export function firstWay({ state }: Flow, ways: Way[], { show, lead }: Pick<Decision, 'show' | 'lead'> = { show: 'autofill_only', lead: 'here' }): Way {
  const passkey = ways.find((way) => way === (lead === 'elsewhere' ? 'other_device' : 'passkey')) ?? ways.find(isPasskey)
  if (passkey && (show === 'automatic' || show === 'button')) return passkey
  const others = ways.filter((way) => !isPasskey(way))
  const target = (way: Way) => (way === 'other_device' ? undefined : sendsTo[way])
  const sent = others.find((way) => target(way) === state.identifier?.kind) ?? others.find((way) => target(way) !== undefined)
  const [first, second] = show === 'other_method_first' ? [others[0], passkey] : [passkey, others[0]]
  return sent ?? first ?? second ?? 'passkey'
}

/** Our own account pages: what they ask for lets a passkey be added, or another way in be changed. */
const ownPages = ({ request }: Flow): boolean => request.app.id === accountClientId

/**
 * It is the enrolment guard that asks, which takes a phone whatever the strategy: nothing is missing of the sign-in itself,
 * or nothing but a passkey that would have to be made here first.
 */
export const guardAsks = (flow: Flow): boolean =>
  flow.account !== undefined && (ownPages(flow) || flow.situation.met || flow.situation.recovering || (flow.passkeyWorks === false && flow.situation.ways.includes('other_device')))
