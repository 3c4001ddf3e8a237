import { answer, assess, type Requirement } from '../policy/assurance.ts'
import { downgradeAction, type DowngradeAction } from '../policy/downgrade.ts'
import { mayAddPasskey, type EnrolmentDecision } from '../policy/enrolment.ts'
import { leadingOn, methodsFor, offered, provenKinds, sendsTo, type MethodPurpose } from '../policy/strategy.ts'
import { identifierKinds, kindOf, rankOf, type Method, type Proof } from '../policy/types.ts'
import type { IdentifierKind } from '../storage/types.ts'
import type { Flow } from './flow.ts'
import { enrolmentFacts } from './guard.ts'
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
 * allow; narrowed to what the account has once that may be told. `anyApp`: whatever the app lets count.
 */
export function methodsHere(flow: Flow, purpose: MethodPurpose, { anyApp = false } = {}): Method[] {
  const { deps: { config }, request: { requirement } } = flow
  const account = flow.account ?? flow.typedAccount
  const all = methodsFor(purpose, {
    server: config.verification.methods,
    client: anyApp ? undefined : requirement.methods,
    reachable: reachable(flow),
    account,
  })
  return all.filter((method) => method !== 'passkey' || browserCanUsePasskeys(flow))
}

/** What a code or link can be sent to: what was typed, as long as nothing is proven; after that what the account has proven. */
function reachable(flow: Flow): IdentifierKind[] {
  const { account, typedAccount, state } = flow
  if (account) return provenKinds(account)
  if (!typedAccount) return kindsInUse(flow)
  return [...provenKinds(typedAccount), ...(state.identifier ? [state.identifier.kind] : [])]
}

/** As people pick them: a passkey may be here, or on a phone. */
const waysOf = (methods: Method[]): Way[] =>
  offered(methods).flatMap((method): Way[] => (method === 'passkey' ? ['passkey', 'other_device'] : [method]))

/** A link may be pressed where its mail is sent: beside a code, or by itself. */
export const takesLinks = (flow: Flow): boolean => methodsHere(flow, 'sign_in', { anyApp: flow.state.flow === 'sign_up' }).includes('email_link')

/** Before a proof. A code begins the way back in, whatever the app takes in the end. */
export function waysForAnybody(flow: Flow): Way[] {
  const back = flow.state.recover === 'asked' ? methodsHere(flow, 'recovery') : []
  return waysOf([...new Set([...methodsHere(flow, 'sign_in'), ...back])])
}

/** Those after which nothing is missing, or which are one of two or three that do it together. */
export function waysToLevel(flow: Flow, decision: EnrolmentDecision): Way[] {
  const ways = leadingOn(methodsHere(flow, 'step_up'), (extra) => isEnough(flow, extra))
  if (ways.length > 0) return waysOf(ways)
  // Nothing that there is will do: what lets a passkey be made, then.
  const makesOne = flow.account!.credentialIds.length === 0 && !decision.allow && isEnough(flow, ['passkey'])
  return makesOne ? waysToCreation(flow, decision) : []
}

/** What proves enough for the guard, and for the operator's rules, where they say no. */
export function waysToCreation(flow: Flow, decision: EnrolmentDecision): Way[] {
  const { enrolmentChallenge: asked } = flow.state
  const here = methodsHere(flow, 'step_up', { anyApp: true })
  const isAsked = (extra: Method[]) => asked === undefined || meets(flow, asked, extra)
  if (decision.allow) return asked ? waysOf(leadingOn(here, isAsked)) : []
  const passkey = here.filter((method) => method === 'passkey' && (decision.way === 'passkey' || decision.way === 'older_passkey'))
  const facts = enrolmentFacts(flow)
  const unlocks = (extra: Method[]) => mayAddPasskey({ ...facts, proofs: [...facts.proofs, ...supposed(flow, extra)] }).allow && isAsked(extra)
  return waysOf([...passkey, ...leadingOn(here.filter((method) => method !== 'passkey'), unlocks)])
}

/** To begin the way back in, or to go on with it. */
export const waysBack = (flow: Flow): Way[] => waysOf(methodsHere(flow, 'recovery'))

/** Proofs as they would be, were these proven now. */
const supposed = (flow: Flow, methods: Method[]): Proof[] => methods.map((method) => proofBy(flow, flow.account!, method))

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

/**
 * The way that is shown after Continue: the passkey that this browser's own record names, unless it failed; else what can
 * be sent to what was typed; else a passkey, which needs no more than a press.
 */
export function firstWay({ state, typedDevice }: Flow, ways: Way[]): Way {
  const passkey = ways.includes('passkey') && state.failures < 2
  if (passkey && typedDevice && typedDevice.credentialIds.length > 0) return 'passkey'
  const others = ways.filter((way) => way !== 'passkey' && way !== 'other_device')
  const target = (way: Way) => (way === 'other_device' ? undefined : sendsTo[way])
  const sent = others.find((way) => target(way) === state.identifier?.kind) ?? others.find((way) => target(way) !== undefined)
  return sent ?? (passkey ? 'passkey' : others[0]) ?? 'passkey'
}
