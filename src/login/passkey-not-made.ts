import type { Failure, NotCreated, RegistrationFailure } from '../passkeys/index.ts'
import type { Place } from '../policy/cross-device.ts'
import { noteCeremony } from './ceremony.ts'
import { save, type Flow } from './flow.ts'
import { noteOffer } from './offer-events.ts'
import { traces } from './traces.ts'

/** `refusal`: the server's own reason; without it the browser said that there is no answer. */
export async function failed(flow: Flow, reason: NotCreated, { place, refusal }: { place: Place | undefined; refusal?: Failure<RegistrationFailure> }): Promise<void> {
  const { deps, ctx, state } = flow
  const detail = refusal?.reason ?? reason
  // What a script reports can be posted without end: it leaves one trace of an offer, and so many in the log.
  await deps.throttle.spend(ctx, 'passkey_refused')
  // Where the server refused an answer it has noted why.
  if (!refusal) await noteCeremony(flow, { ceremony: 'create', outcome: detail, ...(place && { place }) })
  await deps.audit.record('passkey.not_created', traces(flow), { reason: detail })
  if (state.offer?.outcome !== 'failed') await noteOffer(flow, 'started', 'failed')
  const { unknown } = refusal ?? {}
  await save(flow, (current) => ({ ...current, offer: { outcome: 'failed', reason, ...(place && { place }), ...(unknown !== undefined && { unknown }) } }))
}
