import { randomId } from '../secrets/keyring.ts'
import type { Clock, Log, PromptEntry } from '../storage/types.ts'

export type OfferEvent = Pick<PromptEntry, 'outcome' | 'accountId' | 'clientId' | 'deviceHash'> & { occasion: string }

export interface Offers {
  /** rejects like the store: whether somebody said "don't ask again" is worth knowing that it was written */
  record(event: OfferEvent): Promise<void>
}

/** What became of offers to create a passkey: kept for the prompt policy and for dashboards, and counted. */
export function createOffers(deps: {
  prompts: Pick<Log<PromptEntry>, 'append'>
  clock: Clock
  /** the metric; `occasion` is one of the policy's */
  observe: (outcome: PromptEntry['outcome'], occasion: string) => void
}): Offers {
  return {
    async record(event) {
      await deps.prompts.append({ id: randomId(), at: deps.clock.now(), ...event })
      deps.observe(event.outcome, event.occasion)
    },
  }
}
