import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ChallengeFailure, PasskeyDeps } from './types.ts'

export type ChallengePurpose = 'authenticate' | 'register'

export interface Challenges {
  /** 54 bytes, base64url. `subject`: the request, and the account where it is known; `life` in ms. */
  issue(purpose: ChallengePurpose, subject: string[], life: number): string
  /** whether it is ours, for this purpose and subject, and not too old; spends nothing */
  inspect(challenge: string, purpose: ChallengePurpose, subject: string[]): Challenge | ChallengeFailure
}

/** One that may be answered, once. */
export interface Challenge {
  /** `challenge_spent` once somebody has spent it */
  look(): Promise<ChallengeFailure | undefined>
  /** one atomic claim: undefined for exactly one caller, the reason for everybody else */
  spend(): Promise<ChallengeFailure | undefined>
}

const nonceBytes = 16
const expiryBytes = 6
const macBytes = 32

/**
 * Challenges that need no write until they are answered: nonce, expiry, and a MAC that binds both to one purpose and
 * one subject (WebAuthn 13.4.3). An answer claims the nonce, so that it is good once.
 */
export function createChallenges({ storage, keyring }: Pick<PasskeyDeps, 'storage' | 'keyring'>): Challenges {
  const { ephemeral, clock } = storage

  function macOf(body: Buffer, purpose: ChallengePurpose, subject: string[]): Buffer {
    return Buffer.from(keyring.hmac('passkey-challenge', purpose, body.toString('base64url'), ...subject), 'base64url')
  }

  return {
    issue(purpose, subject, life) {
      const body = Buffer.alloc(nonceBytes + expiryBytes)
      randomBytes(nonceBytes).copy(body)
      body.writeUIntBE(Math.ceil(clock.now() + life), nonceBytes, expiryBytes)
      return Buffer.concat([body, macOf(body, purpose, subject)]).toString('base64url')
    },

    inspect(challenge, purpose, subject) {
      const bytes = Buffer.from(challenge, 'base64url')
      if (bytes.length !== nonceBytes + expiryBytes + macBytes) return 'challenge_foreign'
      const body = bytes.subarray(0, nonceBytes + expiryBytes)
      if (!timingSafeEqual(bytes.subarray(body.length), macOf(body, purpose, subject))) return 'challenge_foreign'
      const expiresAt = body.readUIntBE(nonceBytes, expiryBytes)
      if (clock.now() >= expiresAt) return 'challenge_expired'
      const key = `challenge:${body.toString('base64url', 0, nonceBytes)}`
      return {
        look: async () => ((await ephemeral.get(key)) === undefined ? undefined : 'challenge_spent'),
        spend: async () => ((await ephemeral.claim(key, expiresAt)) ? undefined : 'challenge_spent'),
      }
    },
  }
}
