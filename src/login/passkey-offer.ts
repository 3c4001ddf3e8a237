import { passkeysAt } from '../config/for-client.ts'
import { creationPlaces, type CreationCeremony, type Place } from '../policy/cross-device.ts'
import { mayOfferPasskey, type PromptDecision, type PromptOccasion, telling } from '../policy/prompts.ts'
import { isOffered } from '../policy/rollout.ts'
import type { Proof } from '../policy/types.ts'
import type { Account, Device } from '../storage/types.ts'
import { isPhone } from './browser.ts'
import type { Flow } from './flow.ts'
import { guard } from './guard.ts'
import { deviceOf } from './proofs.ts'

/** Where a passkey of the account can be made with this browser, at this app; the place that leads first. */
export function placesToCreate(flow: Pick<Flow, 'ctx' | 'state' | 'deps' | 'request'>, ceremony: CreationCeremony = flow.state.created ? 'sign_up' : 'adding'): Place[] {
  const { state: { capabilities }, deps: { config }, request: { client } } = flow
  if (!capabilities?.webauthn) return []
  return creationPlaces(passkeysAt(config, client).crossDevice, ceremony, { phone: isPhone(flow), platform: capabilities.platform })
}

/** Whether to offer a passkey now, and why (not). */
export async function offers(flow: Flow): Promise<PromptDecision> {
  const { account, state, request, deps, now } = flow
  const last = state.proofs.at(-1)
  const occasion = last && occasionAfter(state.created === true, last)
  // After a sign-in with a passkey of this device there is nothing to offer: no read of the history on the way that is used most.
  if (!account || !last || !occasion || state.offer) return { offer: false, neverButton: false, explain: false, reason: 'nothing to offer' }
  const places = placesToCreate(flow)
  const [history, has] = await Promise.all([
    deps.storage.prompts.query({ accountId: account.id, outcomes: telling, limit: 100 }),
    placesOf(flow, account, places[0]),
  ])
  return mayOfferPasskey({
    history,
    now,
    settings: passkeysAt(deps.config, request.client),
    occasion,
    inRollout: isOffered(deps.config.passkeys.rollout, { accountId: account.id, clientId: request.app.id, identifiers: account.identifiers.map(({ value }) => value) }),
    places,
    has,
    guard: guard(flow),
    refusedJustNow: state.dialogClosed === true,
  })
}

/** undefined: by a passkey that was here, or nobody can tell where. */
export function occasionAfter(created: boolean, { method, place }: Proof): PromptOccasion | undefined {
  if (created || method === 'sign_up') return 'sign_up'
  if (method !== 'passkey') return method
  return place === 'elsewhere' ? 'cross_device' : undefined
}

/** Where there is one already, as far as it matters for the place that leads: only one elsewhere takes a look at the passkeys. */
async function placesOf(flow: Flow, account: Account, lead: Place | undefined): Promise<Place[]> {
  if (lead === 'here') return hasHere(deviceOf(flow, account.id), account, flow.state.proofs) ? ['here'] : []
  if (lead === undefined || account.credentialIds.length === 0) return []
  const passkeys = await flow.deps.passkeys.listFor(account)
  return passkeys.some(({ transports, attachment }) => attachment === 'cross-platform' || transports.some((transport) => transport !== 'internal')) ? ['elsewhere'] : []
}

/** What was used in this sign-in, or what this browser's record names; but for what was on another device the last time. */
function hasHere(device: Device | undefined, { credentialIds }: Account, proofs: Proof[]): boolean {
  const used = proofs.flatMap(({ credentialId, place }) => (credentialId === undefined ? [] : [{ id: credentialId, away: place === 'elsewhere' }]))
  const away = [...(device?.elsewhereIds ?? []), ...used.filter((one) => one.away).map(({ id }) => id)]
  const here = [...(device?.credentialIds.filter((id) => !away.includes(id)) ?? []), ...used.filter((one) => !one.away).map(({ id }) => id)]
  return here.some((id) => credentialIds.includes(id))
}
