import { readCapabilities } from '../passkeys/index.ts'
import { creationAt, creationPlaces, judgeAnswer, type CrossDeviceVerdict, type Place } from '../policy/cross-device.ts'
import type { Account, Passkey } from '../storage/types.ts'
import type { Choice } from '../../views/parts/creation.ts'
import { isOnPhone } from './here.ts'
import { nameOf, type Visit } from './link.ts'

/** What the browser that pressed first said of itself: whether it can keep a passkey. */
type Heard = { platform: boolean }

const key = (visit: Visit): string => `enrol heard:${nameOf(visit)}`

const placesIf = (visit: Visit, { platform }: Heard): Place[] =>
  creationPlaces(visit.deps.config.passkeys.crossDevice, 'adding', { phone: isOnPhone(visit), platform })

/** Where a passkey may be made by this link in this browser, the place that leads first; a browser that said nothing counts as able. */
export const enrolPlaces = async (visit: Visit): Promise<Place[]> =>
  placesIf(visit, (await visit.deps.storage.ephemeral.get<Heard>(key(visit))) ?? { platform: true })

/** The first press: what script knows of the browser comes along. Whether there is any place here. */
export function heardPlaces(visit: Visit): { places: Place[]; keep(expiresAt: number): Promise<void> } {
  const { capabilities } = visit.ctx.state.body
  const heard = capabilities ? { platform: readCapabilities(capabilities).platform } : undefined
  return {
    places: placesIf(visit, heard ?? { platform: true }),
    keep: async (expiresAt) => {
      if (heard) await visit.deps.storage.ephemeral.set<Heard>(key(visit), heard, expiresAt)
    },
  }
}

/** What the browser is asked for in each of these places. */
export async function enrolChoices({ deps }: Visit, places: Place[], common: { subject: string; life: number; account: Account; label: string }): Promise<Choice[]> {
  if (places.length === 0) return []
  const existing = await deps.passkeys.listFor(common.account)
  return places.map((place) => ({ place, options: deps.passkeys.registrationOptions({ ...common, existing, ...creationAt(place) }) }))
}

/** Whether the cross-device policy takes what was made. */
export const judgeEnrol = (visit: Visit) => (made: Passkey): CrossDeviceVerdict =>
  judgeAnswer(visit.deps.config.passkeys.crossDevice, 'adding', made, { phone: isOnPhone(visit) })
