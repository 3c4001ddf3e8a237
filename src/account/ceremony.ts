import type { Context } from '../http/context.ts'
import { toldBy, type Ceremony } from '../passkeys/index.ts'
import type { Account } from '../storage/types.ts'
import type { AccountDeps } from './deps.ts'

type Outcome = Pick<Ceremony, 'outcome'> & Partial<Pick<Ceremony, 'aaguid' | 'place' | 'detail'>>

/** Who tells of a dialog, and from where. */
export const sourceOf = (ctx: Context, { id: accountId }: Account) => ({
  accountId,
  deviceHash: ctx.state.device.hash,
  userAgent: ctx.get('user-agent'),
  reference: ctx.state.reference,
})

/** What became of making a passkey on these pages, for operators; never rejects. What fails is counted each time, and so many times kept. */
export async function noteCreation({ ctx, deps }: { ctx: Context; deps: AccountDeps }, account: Account, outcome: Outcome): Promise<void> {
  const keep = outcome.outcome === 'ok' || (await deps.eventThrottle.allows(ctx, 'passkey_event').catch(() => false))
  await deps.ceremonies.record({ ...sourceOf(ctx, account), ...toldBy(ctx.state.body), ceremony: 'create', ...outcome }, { keep })
}
