import { hash } from 'node:crypto'
import { SettingsService } from '@simplewebauthn/server'
import { lendPromptCrypto } from './prompt-crypto.ts'
import type { ClientData } from './responses.ts'
import type { PasskeySettings } from './types.ts'

/** COSE algorithm identifiers in the order of preference: ES256, EdDSA, RS256 */
export const algorithms = [-7, -8, -257]

export type CeremonyFailure = 'malformed' | 'wrong_origin' | 'wrong_rp_id' | 'user_verification_missing'

lendPromptCrypto()

// We ask for no attestation and trust none: without anchors the library builds no path and fetches no revocation list.
for (const identifier of ['apple', 'android-key', 'android-safetynet'] as const) {
  SettingsService.setRootCertificates({ identifier, certificates: [] })
}

/**
 * What both ceremonies check of origin and authenticator data (WebAuthn 7.1 and 7.2). The library checks it all again
 * and has the last word; this one knows the exact reason.
 */
export function createCeremonyCheck({ rpId, origins }: Pick<PasskeySettings, 'rpId' | 'origins'>) {
  const rpIdHash = hash('sha256', rpId, 'buffer')

  return function findFailure(clientData: ClientData, authenticatorData: Uint8Array): CeremonyFailure | undefined {
    const framed = clientData.crossOrigin === true || clientData.topOrigin !== undefined
    if (framed || !origins.includes(clientData.origin)) return 'wrong_origin'
    const flags = authenticatorData[32]
    if (flags === undefined || authenticatorData.length < 37) return 'malformed'
    if (!rpIdHash.equals(authenticatorData.subarray(0, 32))) return 'wrong_rp_id'
    const present = flags & 0x01
    const verified = flags & 0x04
    return present && verified ? undefined : 'user_verification_missing'
  }
}

/** Runs a verification of the library, whose refusals are exceptions. */
export async function verdict<T>(verification: () => Promise<T>): Promise<{ value: T } | { refused: string }> {
  try {
    return { value: await verification() }
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) }
  }
}
