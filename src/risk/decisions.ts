import type { RuleVerdict } from '../policy/rules.ts'
import type { RuleEvent, Signals } from '../policy/signals.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Clock, Json, Log, RuleDecision } from '../storage/types.ts'

export interface Judged {
  event: RuleEvent
  /** names the authorization request, or whatever else it is one decision in, however often it is asked */
  occasion: string
  accountId?: string
  signals: Signals
  verdict: RuleVerdict
}

export interface Decisions {
  /** Resolves when it is stored; never rejects: a record that cannot be written must not stop a sign-in. */
  record(judged: Judged): Promise<void>
}

/** ms: how often, at most, an ordinary sign-in is kept */
const ordinaryEvery = 5_000
/** occasions that are remembered, so that each step of a sign-in that asks again is not counted again */
const remembered = 10_000

/**
 * Keeps what was decided and by which signals, so that changed rules can be tried on it. A sign-in by passkey that no
 * rule is about is what happens all day: of a busy server's only one every few seconds is kept, with how many it stands
 * for (`of`), so that records cost neither time nor room worth mentioning.
 */
export function createDecisions(
  { rules, clock, log }: { rules: Pick<Log<RuleDecision>, 'append'>; clock: Clock; log: { error(fields: object, message: string): void } },
): Decisions {
  let keptAt = -Infinity
  let passed = 0
  const seen = new Set<string>()

  function isRepeated({ occasion, event, signals, verdict }: Judged): boolean {
    const key = [occasion, event, signals['domain'], signals['proof.methods'], signals['change'], verdict.outcome, verdict.rules].join(' ')
    if (seen.has(key)) return true
    const oldest = seen.values().next()
    if (seen.size >= remembered && !oldest.done) seen.delete(oldest.value)
    seen.add(key)
    return false
  }

  /** How many decisions this one stands for; 0: it is not kept. */
  function weight({ event, verdict, signals }: Judged, now: number): number {
    if (event !== 'sign_in' || verdict.rules.length > 0 || signals['proof.level'] !== 'phr') return 1
    passed += 1
    if (now < keptAt + ordinaryEvery) return 0
    const of = passed
    keptAt = now
    passed = 0
    return of
  }

  return {
    async record(judged) {
      const { event, accountId, signals, verdict } = judged
      const at = clock.now()
      const of = isRepeated(judged) ? 0 : weight(judged, at)
      if (of === 0) return
      try {
        await rules.append({
          id: randomId(),
          at,
          event,
          inputs: signals,
          outcome: { ...toJson(verdict), ...(of > 1 && { of }) },
          ...(accountId !== undefined && { accountId }),
        })
      } catch (err) {
        log.error({ err, event }, 'rule decision lost')
      }
    },
  }
}

function toJson({ challenge, explanation, ...verdict }: RuleVerdict): { [key: string]: Json } {
  const { acr, methods } = challenge ?? {}
  return {
    ...verdict,
    ...(challenge && { challenge: { ...(acr && { acr }), ...(methods && { methods }) } }),
    ...(explanation !== undefined && { explanation }),
  }
}
