import { verifyRegistrationResponse } from '@simplewebauthn/server'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { AppError, unlessTaken } from '../errors.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { algorithms, createCeremonyCheck, verdict } from './ceremony.ts'
import type { Challenges } from './challenges.ts'
import { listInAccount } from './listing.ts'
import { readAttestation, type Attestation } from './responses.ts'
import { createRpIdRecord } from './rp-id.ts'
import type { Failure, PasskeyDeps, Passkeys, RegistrationFailure, RegistrationInput, RegistrationResult } from './types.ts'

/** Verifies a new credential (WebAuthn 7.1), stores it, then makes the account list it. */
export function createRegister(deps: PasskeyDeps, challenges: Challenges): Passkeys['register'] {
  const { storage, config } = deps
  const ceremonyFailure = createCeremonyCheck(config)
  const rememberRpId = createRpIdRecord(storage.ephemeral, config.rpId)

  return async function register(input) {
    const attestation = readAttestation(input.response)
    if (!attestation) return failure('malformed')
    const result = await attempt(attestation, input)
    // Of an answer that came twice the other one may be on its way to make it.
    if (result.ok || result.reason === 'challenge_spent' || result.reason === 'already_registered') return result
    return (await storage.passkeys.get(attestation.id)) ? result : { ...result, unknown: attestation.id }
  }

  async function attempt(attestation: Attestation, input: RegistrationInput): Promise<RegistrationResult> {
    const { clientData } = attestation

    const challenge = challenges.inspect(clientData.challenge, 'register', [input.subject, input.account.id])
    if (typeof challenge === 'string') return failure(challenge)
    const spent = await challenge.spend()
    if (spent) return failure(spent)

    const authenticatorData = await verdict(async () => authenticatorDataOf(attestation))
    if ('refused' in authenticatorData) return failure('malformed', authenticatorData.refused)
    const reason = ceremonyFailure(clientData, authenticatorData.value)
    if (reason) return failure(reason, clientData.origin.slice(0, 200))

    const verified = await verify(attestation)
    if (!verified.ok) return verified
    const verifiedPasskey = toPasskey(attestation, verified.info, input)
    const judged = input.judge?.(verifiedPasskey)
    if (judged?.ok === false) return failure(judged.reason)
    await rememberRpId()
    if ((input.spend || input.announce) && (await storage.passkeys.get(verifiedPasskey.id))) return failure('already_registered')
    if (input.spend && !(await input.spend())) return failure('not_allowed')
    await input.announce?.(verifiedPasskey)
    // Never older than the change that tells of it: a freeze of that change must not take it for one of before.
    const passkey = { ...verifiedPasskey, createdAt: storage.clock.now() }
    // Taken: somebody, maybe this very person, has a passkey of that id.
    const inserted = await unlessTaken(storage.passkeys.insert(passkey))
    if (!inserted) return failure('already_registered')
    const { place, note } = judged ?? {}
    const listed = await list(passkey, input)
    return listed.ok ? { ...listed, ...(place && { place }), ...(note !== undefined && { note }) } : listed
  }

  async function verify(attestation: Attestation) {
    const { id, rawId, type, response, clientData } = attestation
    const { clientDataJSON, attestationObject } = response
    const result = await verdict(() =>
      verifyRegistrationResponse({
        response: { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
        expectedChallenge: clientData.challenge,
        expectedOrigin: config.origins,
        expectedRPID: config.rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: algorithms,
      }),
    )
    if ('refused' in result) return failure('bad_attestation', result.refused)
    if (!result.value.verified) return failure('bad_attestation')
    const info = result.value.registrationInfo
    return info.credential.id === id ? { ok: true as const, info } : failure('bad_attestation', 'foreign credential id')
  }

  type Info = Extract<Awaited<ReturnType<typeof verify>>, { ok: true }>['info']

  function toPasskey(attestation: Attestation, info: Info, input: RegistrationInput): Passkey {
    const { authenticatorAttachment: attachment, response } = attestation
    return {
      id: info.credential.id,
      accountId: input.account.id,
      publicKey: Buffer.from(info.credential.publicKey).toString('base64url'),
      counter: info.credential.counter,
      transports: response.transports,
      aaguid: info.aaguid,
      backupEligible: info.credentialDeviceType === 'multiDevice',
      backupState: info.credentialBackedUp,
      ...(attachment && { attachment }),
      rpId: config.rpId,
      enrolledAcr: input.enrolledAcr,
      enrolledUserAgent: input.userAgent,
      createdAt: storage.clock.now(),
      ...(input.signUp && { signUp: true as const }),
      ...(input.coolingUntil !== undefined && { coolingUntil: input.coolingUntil }),
    }
  }

  /** The guard was asked about the account as it was then: one that was disabled or frozen meanwhile gets no passkey. */
  async function list(passkey: Passkey, { account }: RegistrationInput) {
    const frozenThen = account.frozen?.changeIds ?? []
    const isOn = (current: Account) => current.disabledAt === undefined
    const isFrozenAnew = ({ frozen }: Account) => frozen?.changeIds.some((id) => !frozenThen.includes(id)) === true
    const listed = await listInAccount(storage, account, passkey, (current) => isOn(current) && !isFrozenAnew(current))
    if (listed.credentialIds.includes(passkey.id)) return { ok: true as const, passkey }
    await storage.passkeys.delete(passkey.id)
    const now = await storage.accounts.get(account.id)
    if (now && isOn(now)) return failure('not_allowed', 'the account was frozen meanwhile')
    throw new AppError('account_off', 'the account went away while it got a passkey')
  }
}

function authenticatorDataOf({ response }: Attestation): Uint8Array {
  const data: unknown = decodeAttestationObject(new Uint8Array(Buffer.from(response.attestationObject, 'base64url'))).get('authData')
  if (!(data instanceof Uint8Array)) throw new TypeError('no authenticator data')
  return data
}

function failure(reason: RegistrationFailure, detail?: string): Failure<RegistrationFailure> {
  return { ok: false, reason, ...(detail && { detail }) }
}
