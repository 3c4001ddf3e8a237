import type { Mediation, Told } from './ceremonies.ts'

export const mediations = ['modal', 'conditional', 'immediate', 'automatic'] as const satisfies Mediation[]
/** 64 random bits, which a page chooses for each dialog */
export const ceremonyIdPattern = /^[0-9a-f]{16}$/
/** ms: no dialog stays open longer than its page */
export const longestDialog = 24 * 3_600_000

/** What WebAuthn names (6.1 of Level 3's `create` and `get`, and the Signal API); whatever else is said is not worth keeping. */
const errorNames = new Set([
  'AbortError', 'ConstraintError', 'DataError', 'EncodingError', 'InvalidStateError', 'NetworkError', 'NotAllowedError', 'NotReadableError',
  'NotSupportedError', 'OperationError', 'QuotaExceededError', 'SecurityError', 'TimeoutError', 'TypeError', 'UnknownError',
])

export const errorName = (name: string): string => (errorNames.has(name) ? name : 'other')

/** The fields that a passkey form brings along; what is not as our own script writes it counts as not said. */
export function toldBy(body: Record<string, string>): Told {
  const { ceremony, mediation, error, elapsed } = body
  const ms = Math.round(Number(elapsed || 'NaN'))
  return {
    ...(ceremony !== undefined && ceremonyIdPattern.test(ceremony) && { ceremonyId: ceremony }),
    mediation: mediations.find((known) => known === mediation) ?? 'modal',
    ...(error && { error: errorName(error) }),
    ...(ms >= 0 && ms <= longestDialog && { elapsed: ms }),
  }
}

/** Why a sign-in got no passkey from the browser. */
export type DialogFailure = 'closed' | 'timeout' | 'none_here' | 'wrong_domain' | 'no_verification' | 'offline'

/** A browser's errors tell little apart; the time until they came (ms) tells the rest. */
export function dialogFailure(error: string | undefined, elapsed: number | undefined): DialogFailure {
  switch (error) {
    case 'SecurityError':
      return 'wrong_domain'
    case 'NotSupportedError':
    case 'ConstraintError':
      return 'no_verification'
    case 'NetworkError':
      return 'offline'
    default:
      return elapsed === undefined ? 'closed' : elapsed < 1000 ? 'none_here' : elapsed >= 30_000 ? 'timeout' : 'closed'
  }
}
