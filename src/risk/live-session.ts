import { decide, signalsIn, type Outcome, type Rule } from '../policy/rules.ts'
import { createJudge, type JudgeDeps } from './judge.ts'
import type { Happening } from './scene.ts'

export interface LiveSessionJudge {
  /** whether any rule may keep a live session out of this app; asks nobody */
  concerns(clientId: string): boolean
  /** Whether they ask for more than the session has, or say no. @throws AppError `store_unavailable` */
  stops(happening: Happening): Promise<boolean>
}

const stopping: readonly Outcome[] = ['challenge', 'deny']

/**
 * Rules about a sign-in are asked when somebody proves who they are; what they say of one app must hold for a session of
 * another app too. Nothing is kept of it: where it stops somebody, our pages ask all rules, and keep what they decide.
 */
export function createLiveSessionJudge(deps: Omit<JudgeDeps, 'decisions'>): LiveSessionJudge {
  const aboutApps = deps.rules.filter(isAboutApps)
  const judge = createJudge({ ...deps, rules: aboutApps, decisions: { record: async () => {} } })

  return {
    concerns(client) {
      const { rules, undecided } = decide(aboutApps, 'sign_in', { client })
      return rules.length > 0 || undecided.length > 0
    },
    async stops(happening) {
      const { outcome, challenge } = await judge(happening)
      return outcome === 'deny' || challenge !== undefined
    },
  }
}

const isAboutApps = ({ on, then, when }: Rule): boolean =>
  on.includes('sign_in') && then.some((outcome) => stopping.includes(outcome)) && signalsIn(when).includes('client')
