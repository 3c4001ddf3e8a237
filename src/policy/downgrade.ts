import { kindOf, type Proof } from './types.ts'

/** What follows a sign-in by something phishable when a passkey could have been used. */
export type DowngradeSetting = 'allow' | 'notify'
export type DowngradeAction = 'finish' | 'finish_and_notify'

/** Decided after the proof, so that nothing about the account shows before it. */
export function downgradeAction(proof: Proof, setting: DowngradeSetting): DowngradeAction {
  const downgraded = proof.usablePasskey && kindOf(proof.method) !== undefined
  return downgraded && setting === 'notify' ? 'finish_and_notify' : 'finish'
}
