import { readable } from '../accounts/readable.ts'
import { passkeysAt } from '../config/for-client.ts'
import { creationAt, judgeAnswer, type CreationCeremony, type CrossDeviceVerdict, type Place } from '../policy/cross-device.ts'
import type { Account, Passkey } from '../storage/types.ts'
import type { Choice } from '../../views/parts/creation.ts'
import type { Signal } from '../../views/parts/signal.ts'
import { isPhone } from './browser.ts'
import { challengeSubject, shownAs, type Flow } from './flow.ts'
import { mayCreateUntil } from './guard.ts'
import { placesToCreate } from './passkey-offer.ts'
import { identifiersOf } from './sign-up-state.ts'
import type { Capabilities, Typed } from './state.ts'

/**
 * The passkey that an account is made together with, where nothing else of it is proven: without one nobody could come
 * back. It has its ids before there is an account, which is written only after the passkey has been checked.
 */
export function draftOf({ state: { draft, signUp }, now }: Flow): Account | undefined {
  if (!draft || !signUp) return undefined
  return { id: draft.accountId, userHandle: draft.userHandle, createdAt: now, credentialIds: [], identifiers: identifiersOf(signUp) }
}

/** The first passkey belongs to the sign-up; one more is added like any other. */
const ceremonyOf = ({ state: { draft, created, createdCredentialId } }: Flow): CreationCeremony =>
  (draft !== undefined || created === true) && createdCredentialId === undefined ? 'sign_up' : 'adding'

/** A page that somebody asked for shows what the browser may be able to do: it hides by itself what it cannot. */
const able: Capabilities = { script: true, webauthn: true, platform: true }

/** Where a passkey may be made now, the place that leads first; empty: nowhere. */
export const placesNow = (flow: Flow): Place[] =>
  placesToCreate({ ...flow, state: { ...flow.state, capabilities: flow.state.capabilities ?? able } }, ceremonyOf(flow))

/** What the browser is asked for in each of these places; bound to this request and this account. */
export async function choicesIn(flow: Flow, places: Place[]): Promise<Choice[]> {
  const { deps, request, now } = flow
  const draft = draftOf(flow)
  const account = draft ?? flow.account
  if (!account || places.length === 0) return []
  const common = {
    subject: challengeSubject(flow, account),
    life: (draft ? request.expiresAt : Math.min(request.expiresAt, mayCreateUntil(flow))) - now,
    account,
    label: draft ? readable(draft.identifiers[0] as Typed) : labelOf(flow),
    existing: draft ? [] : await storedOf(flow, account),
  }
  return places.map((place) => ({ place, options: deps.passkeys.registrationOptions({ ...common, ...creationAt(place) }) }))
}

/** Whether the cross-device policy takes what was made. The guard has no say in where. */
export function judgeHere(flow: Flow): (made: Passkey) => CrossDeviceVerdict {
  const { crossDevice } = passkeysAt(flow.deps.config, flow.request.client)
  const ceremony = ceremonyOf(flow)
  return (made) => judgeAnswer(crossDevice, ceremony, made, { phone: isPhone(flow) })
}

/** What browsers show as the name of the account. */
const labelOf = (flow: Flow): string => shownAs(flow) ?? flow.deps.config.passkeys.rpName

const storedOf = async ({ deps }: Flow, account: Account): Promise<Passkey[]> =>
  (await deps.passkeys.listFor(account, 'all')).filter(({ removedAt }) => removedAt === undefined)

/** What the browser may know of the passkeys of whoever has proven that they are theirs. */
export async function signalOf(flow: Flow, unknown?: string): Promise<Signal> {
  const { account, deps } = flow
  const news = { rpId: deps.config.passkeys.rpId, ...(unknown !== undefined && { unknown }) }
  return account ? { ...news, ...(await deps.passkeys.signalFor(account, labelOf(flow))) } : news
}
