import { toldBy, type Ceremony } from '../passkeys/index.ts'
import type { Flow } from './flow.ts'

type Outcome = Pick<Ceremony, 'ceremony' | 'outcome'> & Partial<Pick<Ceremony, 'accountId' | 'aaguid' | 'place' | 'detail'>>

/**
 * What became of a passkey dialog, for operators: with what the form says of it. Never rejects. What fails can be posted
 * without end: it is counted each time, and so many times kept.
 */
export async function noteCeremony({ ctx, deps, request, account, state }: Flow, outcome: Outcome): Promise<void> {
  const keep = outcome.outcome === 'ok' || (await deps.eventThrottle.allows(ctx, 'passkey_event').catch(() => false))
  await deps.ceremonies.record(
    {
      ...(account && { accountId: account.id }),
      clientId: request.app.id,
      deviceHash: ctx.state.device.hash,
      userAgent: ctx.get('user-agent'),
      reference: ctx.state.reference,
      ...(state.capabilities && { capabilities: state.capabilities }),
      ...toldBy(ctx.state.body),
      ...outcome,
    },
    { keep },
  )
}
