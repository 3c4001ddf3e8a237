import type { CrossDevice } from './cross-device.ts'
import { kindOf, type Proof } from './types.ts'

/** What follows a sign-in by something phishable when a passkey could have been used. */
export const downgradeSettings = ['allow', 'notify', 'step_up', 'block'] as const
export type DowngradeSetting = (typeof downgradeSettings)[number]
/** `step_up`: a passkey or a second kind is asked for first. `block`: this does not sign in. */
export type DowngradeAction = 'finish' | 'finish_and_notify' | 'step_up' | 'block'

/**
 * What the proofs of one interaction lead to. Decided after them, so that nothing about the account shows before. Two
 * kinds are enough for `step_up`, and are told like under `notify`: the stricter setting is not the quieter one.
 */
export function downgradeAction(proofs: Proof[], setting: DowngradeSetting): DowngradeAction {
  if (setting === 'allow' || proofs.length === 0 || !proofs.every(isDowngrade)) return 'finish'
  if (setting === 'notify') return 'finish_and_notify'
  if (setting === 'block') return 'block'
  return new Set(proofs.map((proof) => kindOf(proof.method))).size > 1 ? 'finish_and_notify' : 'step_up'
}

const isDowngrade = (proof: Proof): boolean => proof.usablePasskey && kindOf(proof.method) !== undefined

/**
 * The proofs of a session as an app sees them. A code that was no weaker way at an app without other devices is one where
 * these are taken, or the most lenient app would open all others.
 */
export const proofsAt = (proofs: Proof[], crossDevice: CrossDevice): Proof[] =>
  proofs.map((proof) => (proof.passkeyElsewhere ? { ...proof, usablePasskey: crossDevice !== 'minimize' } : proof))
