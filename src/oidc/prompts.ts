import { errors, interactionPolicy } from 'oidc-provider'
import type { interactionPolicy as policyTypes, KoaContextWithOIDC } from 'oidc-provider'
import { downgradeAction, type DowngradeSetting } from '../policy/downgrade.ts'
import type { Clock } from '../storage/types.ts'
import { supportedAcrs, type EngineAssurance } from './assurance.ts'
import { promptAsked } from './overrides.ts'
import { mandatory } from './requirement.ts'
import { proofsOf } from './sessions.ts'
import type { SessionStops } from './types.ts'
import { unprovenCheck, type MustProve } from './unproven.ts'

const { Check, Prompt, base } = interactionPolicy
const { REQUEST_PROMPT, NO_NEED_TO_PROMPT } = Check

/** Reason of the login prompt for a live session whose account may not sign in (any more). */
export const accountOff = 'account_off'
/** Reason of the login prompt when the request names somebody else than who is signed in. */
export const otherSubject = 'subject'

interface Deps {
  assurance: EngineAssurance
  /** what follows a weaker way than the account has, at this app */
  downgradeAt(clientId: string): DowngradeSetting
  stops: SessionStops
  mustProve: MustProve
  clock: Clock
}

/** When an authorization request stops at our pages, and when it is refused. */
export function createPolicy({ assurance, downgradeAt, stops, mustProve, clock }: Deps): policyTypes.DefaultPolicy {
  const policy = base()

  const login = policy.get('login')!
  login.details = () => ({}) // a copy of parameters, an ID token among them
  for (const reason of ['max_age', 'essential_acr', 'essential_acrs', 'id_token_hint', 'claims_id_token_sub_value']) login.checks.remove(reason)
  login.checks.add(accountOffCheck())
  login.checks.add(subjectCheck())
  login.checks.add(unprovenCheck(mustProve, clock))
  login.checks.add(assuranceCheck(assurance))
  login.checks.add(weakerCheck(assurance, downgradeAt))
  login.checks.add(rulesCheck(stops))

  const consent = policy.get('consent')!
  consent.checks.remove('consent_prompt')
  consent.checks.add(new Check('consent_prompt', 'consent prompt was not resolved', 'consent_required', ({ oidc }) => promptAsked(oidc, 'consent')), 0)
  consent.checks.remove('native_client_prompt')
  consent.checks.add(nativeCheck())

  // Initiating User Registration via OpenID Connect 1.0: prompt=create
  policy.add(new Prompt({ name: 'create', requestable: true }), 0)
  // OpenID Connect Core 3.1.2.1: who of those that were here before
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0)
  return policy
}

/** The engine would answer 500 for a live session of an account that findAccount does not know. */
function accountOffCheck() {
  return new Check(accountOff, 'the account of this session may not sign in', 'login_required', ({ oidc }) => {
    if (!oidc.session?.accountId || oidc.account) return NO_NEED_TO_PROMPT
    if (oidc.result?.login) throw new errors.AccessDenied('the account may not sign in')
    return REQUEST_PROMPT
  })
}

/** Asks for what is missing once; afterwards a plain wish gets the true acr, and a demand an error. */
function assuranceCheck(assurance: EngineAssurance) {
  return new Check('assurance', 'the session does not reach what was asked for', 'login_required', ({ oidc }) => {
    const asked = assurance.requirement(oidc)
    const demanded = mandatory(asked)
    if (demanded.essential && !asked.acrValues.some((acr) => supportedAcrs.includes(acr))) throw unmet()
    if (!oidc.session?.accountId) return NO_NEED_TO_PROMPT // no_session asks already
    const silent = promptAsked(oidc, 'none')
    if (assurance.judge(oidc, silent ? demanded : asked).met) return NO_NEED_TO_PROMPT
    if (!oidc.result?.login) return REQUEST_PROMPT
    if (assurance.judge(oidc, demanded).met) return NO_NEED_TO_PROMPT
    throw unmet()
  })
}

/**
 * What was signed in to in a weaker way, at an app that takes it, is no session for one that does not. Our own pages
 * decide about what was proven there.
 */
function weakerCheck({ proofsFor }: EngineAssurance, downgradeAt: Deps['downgradeAt']) {
  return new Check('weaker', 'the session was signed in to in a way that this app does not take', 'login_required', ({ oidc }) => {
    if (!oidc.session?.accountId || oidc.result?.login) return NO_NEED_TO_PROMPT
    const action = downgradeAction(proofsFor(oidc), downgradeAt(oidc.client!.clientId))
    return action === 'step_up' || action === 'block' ? REQUEST_PROMPT : NO_NEED_TO_PROMPT
  })
}

/** Rules about an app were not asked when the person signed in to another one. Our own pages ask them all. */
function rulesCheck(stops: SessionStops) {
  return new Check('rules', 'a rule about this app asks for more than the session has', 'login_required', async (ctx) => {
    const { session, account, result, client } = ctx.oidc
    if (!session?.accountId || !account || result?.login) return NO_NEED_TO_PROMPT
    const { clientId } = client!
    return (await stops(ctx as never, { accountId: account.accountId, clientId, proofs: proofsOf(session) })) ? REQUEST_PROMPT : NO_NEED_TO_PROMPT
  })
}

/** `id_token_hint` and `claims.id_token.sub.value` name who must be signed in (OpenID Connect Core 3.1.2.1, 5.5.1). */
function subjectCheck() {
  return new Check(otherSubject, 'another account is asked for', 'login_required', ({ oidc }) => {
    const asked = [hintedSubject(oidc), oidc.claims.id_token?.sub?.value].filter((sub) => sub !== undefined)
    if (asked.length === 0 || !oidc.session?.accountId) return NO_NEED_TO_PROMPT
    if (asked.every((sub) => sub === oidc.session!.accountId)) return NO_NEED_TO_PROMPT
    if (oidc.result?.login) throw new errors.LoginRequired('another account signed in than the one asked for')
    return REQUEST_PROMPT
  })
}

/** The hint was verified when the request arrived; at resume only the text of it is left. */
function hintedSubject(oidc: KoaContextWithOIDC['oidc']): unknown {
  const hint = oidc.params?.['id_token_hint']
  if (typeof hint !== 'string') return undefined
  return (JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString()) as { sub?: unknown }).sub
}

/**
 * Another program on the device can claim a loopback port or a custom scheme, so a native app never gets a code without
 * the person having done something for this request (RFC 8252 8.6).
 */
function nativeCheck() {
  return new Check('native_client_prompt', 'native clients require End-User interaction', 'interaction_required', ({ oidc }) => {
    const { applicationType } = oidc.client!
    const claimable = applicationType === 'native' && !String(oidc.params?.['redirect_uri']).startsWith('https:')
    return claimable && !oidc.result?.login && !oidc.result?.consent ? REQUEST_PROMPT : NO_NEED_TO_PROMPT
  })
}

function unmet() {
  return new errors.UnmetAuthenticationRequirements('the asked-for authentication could not be reached')
}
