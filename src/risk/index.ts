import type { Rule } from '../policy/rules.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'
import { createDecisions } from './decisions.ts'
import { createFailures } from './failures.ts'
import { createJudge, type Judge, type JudgeDeps } from './judge.ts'
import { createLiveSessionJudge, type LiveSessionJudge } from './live-session.ts'
import { createScenes, type Happening, type SceneDeps, type Subject } from './scene.ts'

export type { Judge } from './judge.ts'
export type { Happening } from './scene.ts'

export interface Risk {
  judge: Judge
  /** what they say of a live session that an app asks for */
  liveSession: LiveSessionJudge
  /** A code or a passkey was wrong: counted for rules alone, and by network where one can be told from another. */
  noteFailure(where: Subject & Pick<Happening, 'seenFrom'>): Promise<void>
}

export interface RiskDeps extends Pick<Storage, 'ephemeral' | 'clock' | 'rules' | 'passkeys'> {
  keyring: Pick<Keyring, 'hmac'>
  log: { error(fields: object, message: string): void }
  /** known to an account: where one of its browsers was seen */
  devices: JudgeDeps['devices'] & SceneDeps['devices']
  emails: SceneDeps['emails']
  config: SceneDeps['config'] & { rules: Rule[]; loopback: boolean }
}

/** The operator's rules and what they rest on. */
export function createRisk(deps: RiskDeps): Risk {
  const failures = createFailures(deps)
  const { rules, loopback } = deps.config
  const { sceneOf, addressesOf } = createScenes(deps)
  return {
    judge: createJudge({ ...deps, sceneOf, rules, failures, decisions: createDecisions(deps) }),
    liveSession: createLiveSessionJudge({ ...deps, sceneOf, rules, failures }),
    noteFailure: ({ seenFrom, ...subject }) =>
      // With a loopback issuer every request comes from this machine: there is no network to tell from another.
      failures.note({ addresses: addressesOf(subject), network: loopback ? undefined : seenFrom?.network }),
  }
}
