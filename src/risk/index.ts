import type { Rule } from '../policy/rules.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'
import { createDecisions } from './decisions.ts'
import { createFailures, type Failures } from './failures.ts'
import { createJudge, type Judge, type JudgeDeps } from './judge.ts'
import { createLiveSessionJudge, type LiveSessionJudge } from './live-session.ts'

export type { Failures } from './failures.ts'
export type { Judge, SceneWithAddresses } from './judge.ts'

export interface Risk {
  judge: Judge
  /** what they say of a live session that an app asks for */
  liveSession: LiveSessionJudge
  failures: Failures
}

export interface RiskDeps extends Pick<Storage, 'ephemeral' | 'clock' | 'rules' | 'passkeys'> {
  keyring: Pick<Keyring, 'hmac'>
  log: { error(fields: object, message: string): void }
  /** known to an account: where one of its browsers was seen */
  devices: JudgeDeps['devices']
  config: { rules: Rule[] }
}

/** The operator's rules and what they rest on. */
export function createRisk(deps: RiskDeps): Risk {
  const failures = createFailures(deps)
  const { rules } = deps.config
  return {
    failures,
    judge: createJudge({ ...deps, rules, failures, decisions: createDecisions(deps) }),
    liveSession: createLiveSessionJudge({ ...deps, rules, failures }),
  }
}
