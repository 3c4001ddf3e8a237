import { AppError } from '../errors.ts'
import type { Proof } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import { userAgentOf } from './here.ts'
import { nameOf, nextApp, type Visit } from './link.ts'

/**
 * Asks the operator's rules about a passkey that is made by a help link. Only a no stops it: what a challenge asks for is
 * what its holder has lost, and the operator's own word stands for it. Everybody is told in any case.
 * @throws AppError `stopped_by_rule`
 */
export async function obeyEnrolmentRules(visit: Visit, account: Account, proofs: Proof[]): Promise<void> {
  const { ctx, deps, now } = visit
  const verdict = await deps.risk.judge({
    event: 'enrolment',
    now,
    occasion: nameOf(visit),
    browser: userAgentOf(visit),
    seenFrom: ctx.state.place?.seenFrom,
    account,
    createdHere: false,
    recovering: false,
    proofs,
    device: (await deps.devices.listHere(ctx.state.device.hash)).find(({ accountId }) => accountId === account.id),
    since: now,
    // Whatever the account has, whoever needs the link can reach no more here.
    reach: 'urn:latchkey:acr:recovery',
  })
  if (verdict.outcome !== 'deny') return
  const { next } = await nextApp(visit, account.id)
  throw new AppError('stopped_by_rule', `rules ${verdict.rules.join(', ')}`, { params: next?.kind === 'app' ? { continueUrl: next.url } : {} })
}
