import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { isBareSession } from '../policy/strategy.ts'
import type { Proof } from '../policy/types.ts'
import { recordOf, type AccountSource } from './accounts.ts'
import type { Clock } from '../storage/types.ts'
import { proofsOf } from './sessions.ts'
import { startOf } from './started.ts'

const { Check } = interactionPolicy
const { REQUEST_PROMPT, NO_NEED_TO_PROMPT } = Check

type OIDC = KoaContextWithOIDC['oidc']
export type MustProve = AccountSource['mustProve']

/**
 * Whoever has typed an address and proven nothing gets what the sign-up itself asked for, and nothing else: any other
 * request, by the same app or without a page too, first asks for the proof. This holds where tokens are issued, whatever
 * pages there are.
 */
export function unprovenCheck(mustProve: MustProve, clock: Clock) {
  return new Check('unproven', 'an address of this account is not proven yet', 'login_required', ({ oidc }) => {
    if (isSignUp(oidc, clock) || !lacksProof(oidc, mustProve)) return NO_NEED_TO_PROMPT
    if (oidc.result?.login) throw new errors.AccessDenied('an address of the account is not proven')
    return REQUEST_PROMPT
  })
}

/** What a sign-up without a proof hands out ends with its session, `offline_access` or not. */
export const endsWithSession = (oidc: OIDC, mustProve: MustProve): boolean => lacksProof(oidc, mustProve)

function lacksProof({ session, account, client }: OIDC, mustProve: MustProve): boolean {
  const record = recordOf(account)
  if (!session?.accountId || !record) return false
  return mustProve(record, client!.clientId) || isBareSession(record, proofsOf(session))
}

/** The account was made in this very request: not in an earlier one of the session, whose proofs come along. */
function isSignUp({ result, session, entities: { Interaction: interaction } }: OIDC, clock: Clock): boolean {
  if (!interaction) return false
  const since = startOf(interaction, clock)
  return ((result?.['proofs'] ?? []) as Proof[]).some(({ signUp, accountId, at }) => signUp === true && accountId === session?.accountId && at >= since)
}
