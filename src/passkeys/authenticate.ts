import { verifyAuthenticationResponse } from '@simplewebauthn/server'
import { isUsable } from '../policy/passkeys.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { createCeremonyCheck, verdict } from './ceremony.ts'
import type { Challenges } from './challenges.ts'
import { listInAccount } from './listing.ts'
import { readAssertion, type Assertion } from './responses.ts'
import type { AuthenticationFailure, AuthenticationResult, Failure, PasskeyDeps, Passkeys } from './types.ts'

/** Verifies an assertion (WebAuthn 7.2) and records the use. */
export function createAuthenticate(deps: PasskeyDeps, challenges: Challenges): Passkeys['authenticate'] {
  const { storage, config } = deps
  const ceremonyFailure = createCeremonyCheck(config)

  return async function authenticate({ subject, response, usedIn }) {
    const assertion = readAssertion(response)
    if (!assertion) return failure('malformed')
    const challenge = challenges.inspect(assertion.clientData.challenge, 'authenticate', [subject])
    if (typeof challenge === 'string') return failure(challenge)
    const spentBefore = await challenge.look()
    if (spentBefore) return failure(spentBefore)

    const checked = await check(assertion)
    if (!checked.ok) return (await challenge.spend(), checked)
    // Side by side, so that they share one commit. Who loses the claim has recorded the same use as who won it.
    const [spent, result] = await Promise.all([challenge.spend(), recordUse(assertion.id, { ...checked, usedIn })])
    if (spent || !result.ok) return spent ? failure(spent) : result
    const { authenticatorAttachment: attachment } = assertion
    return { ...result, ...(attachment && { attachment }) }
  }

  /** Everything about the answer but whether its challenge was spent. */
  async function check(assertion: Assertion) {
    const { clientData } = assertion
    const passkey = await storage.passkeys.get(assertion.id)
    const account = passkey && (await storage.accounts.get(passkey.accountId))
    if (!passkey || !account) return { ...failure('unknown_credential'), unknown: assertion.id }
    const { userHandle } = assertion.response
    if (userHandle && userHandle !== account.userHandle) return failure('unknown_credential', 'foreign user handle')

    const authenticatorData = Buffer.from(assertion.response.authenticatorData, 'base64url')
    const reason = ceremonyFailure(clientData, authenticatorData)
    if (reason) return failure(reason, `${clientData.origin.slice(0, 200)} for ${passkey.rpId}`)

    const verified = await verify(assertion, passkey)
    return verified.ok ? { ...verified, account } : verified
  }

  async function verify(assertion: Assertion, passkey: Passkey) {
    const { id, rawId, type, response, clientData } = assertion
    const { clientDataJSON, authenticatorData, signature } = response
    const result = await verdict(() =>
      verifyAuthenticationResponse({
        response: {
          id,
          rawId,
          type,
          response: { clientDataJSON, authenticatorData, signature },
          clientExtensionResults: {},
        },
        expectedChallenge: clientData.challenge,
        expectedOrigin: config.origins,
        expectedRPID: config.rpId,
        requireUserVerification: true,
        // The library throws on a regressed counter; to us it is a risk event, looked at in recordUse.
        credential: { id, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: 0 },
      }),
    )
    if ('refused' in result) return failure('bad_signature', result.refused)
    if (!result.value.verified) return failure('bad_signature')
    const { newCounter, credentialBackedUp, credentialDeviceType } = result.value.authenticationInfo
    const backupEligible = credentialDeviceType === 'multiDevice'
    if (backupEligible !== passkey.backupEligible) return failure('bad_signature', 'backup eligibility changed')
    return { ok: true as const, counter: newCounter, backupState: credentialBackedUp }
  }

  /** One update, which also sees what happened to the passkey since it was read. */
  async function recordUse(
    id: string,
    { account, counter, backupState, usedIn }: { account: Account; counter: number; backupState: boolean; usedIn: Passkey['lastUsedIn'] },
  ): Promise<AuthenticationResult> {
    let counterRegressed = false
    const passkey = await storage.passkeys.update(id, (current) => {
      if (!isUsable(current)) return undefined
      // Authenticators without a counter, synced ones mostly, always say 0 (WebAuthn 6.1.1).
      counterRegressed = (counter > 0 || current.counter > 0) && counter <= current.counter
      return { ...current, counter: Math.max(counter, current.counter), backupState, lastUsedAt: storage.clock.now(), ...(usedIn && { lastUsedIn: usedIn }) }
    })
    if (!passkey) return failure('unknown_credential', 'deleted meanwhile')
    const listed = await listInAccount(storage, account, passkey)
    if (passkey.removedAt !== undefined) return { ...failure('removed'), aaguid: passkey.aaguid }
    if (passkey.frozenAt !== undefined || !listed.credentialIds.includes(passkey.id)) return failure('frozen')
    return { ok: true, passkey, account: listed, counterRegressed }
  }
}

function failure(reason: AuthenticationFailure, detail?: string): Failure<AuthenticationFailure> {
  return { ok: false, reason, ...(detail && { detail }) }
}
