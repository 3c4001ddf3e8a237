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

/** How many a minute are kept one by one: ordinary sign-ins, and each kind of answer to addresses that somebody types. */
const ordinaryKept = 10
const anonymousKept = 60
/** ms */
const minute = 60_000
/** occasions that are remembered, so that each step of a sign-in that asks again is not counted again */
const remembered = 10_000

/**
 * Keeps what was decided and by which signals, so that changed rules can be tried on it. A sign-in by passkey that no
 * rule is about is what happens all day, and addresses for a sign-up anybody can type without end: of those only so many
 * a minute are kept, and the next one says how many it stands for (`of`), so that a busy server's records cost neither
 * time nor room worth mentioning.
 */
export function createDecisions(
  { rules, clock, log }: { rules: Pick<Log<RuleDecision>, 'append'>; clock: Clock; log: { error(fields: object, message: string): void } },
): Decisions {
  const kept = new Map<string, { since: number; count: number; passed: number }>()
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
  function weight(judged: Judged, now: number): number {
    const most = isOrdinary(judged) ? ordinaryKept : judged.event === 'sign_up' ? anonymousKept : Infinity
    if (most === Infinity) return 1
    const kind = [judged.event, ...judged.verdict.rules].join(' ')
    const before = kept.get(kind) ?? { since: now, count: 0, passed: 0 }
    const { since, count, passed } = now < before.since + minute ? before : { since: now, count: 0, passed: before.passed }
    const full = count >= most
    kept.set(kind, full ? { since, count, passed: passed + 1 } : { since, count: count + 1, passed: 0 })
    return full ? 0 : passed + 1
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

const isOrdinary = ({ event, verdict, signals }: Judged): boolean =>
  event === 'sign_in' && verdict.rules.length === 0 && signals['proof.level'] === 'phr'

function toJson({ challenge, explanation, ...verdict }: RuleVerdict): { [key: string]: Json } {
  const { acr, methods } = challenge ?? {}
  return {
    ...verdict,
    ...(challenge && { challenge: { ...(acr && { acr }), ...(methods && { methods }) } }),
    ...(explanation !== undefined && { explanation }),
  }
}
