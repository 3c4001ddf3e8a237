import type { Place } from '../policy/cross-device.ts'
import type { RegistrationFailure } from './types.ts'

/**
 * Why no passkey was made. `key_refused`: a security key is full, or has no PIN; `not_here`, `not_elsewhere`: it was made,
 * in a place that the cross-device policy does not want; `nowhere`: this device can keep none.
 */
export type NotCreated = 'closed' | 'exists' | 'failed' | 'no_verification' | 'key_refused' | 'not_here' | 'not_elsewhere' | 'nowhere'

/** Which of the two buttons was pressed: picks the words, and decides nothing. */
export const askedPlace = ({ place }: Record<string, string>): Place | undefined => (place === 'here' || place === 'elsewhere' ? place : undefined)

/** What the browser's error means there (WebAuthn 5.1.3): one of this account is there already, the dialog was closed, or it cannot be kept. */
export function reasonOfError(error: string | undefined, place: Place | undefined): NotCreated {
  switch (error) {
    case 'InvalidStateError':
      return 'exists'
    case 'NotAllowedError':
    case 'AbortError':
      return 'closed'
    case 'ConstraintError':
      return place === 'elsewhere' ? 'key_refused' : 'no_verification'
    case 'NotSupportedError':
      return place === 'elsewhere' ? 'key_refused' : 'failed'
    default:
      return 'failed'
  }
}

/** What is said of the server's own reason. */
export function reasonOfRefusal(reason: RegistrationFailure): NotCreated {
  if (reason === 'already_registered') return 'exists'
  return reason === 'not_here' || reason === 'not_elsewhere' ? reason : 'failed'
}

/** Where a press may lead to a passkey, best first: where it just failed only as long as that was nobody's fault. */
export function worthTrying(places: Place[], reason: NotCreated, failed: Place | undefined): Place[] {
  const only = (...wanted: Place[]) => wanted.filter((place) => places.includes(place))
  switch (reason) {
    case 'exists':
    case 'nowhere':
      return []
    case 'not_here':
      return only('elsewhere')
    case 'not_elsewhere':
      return only('here')
    case 'key_refused':
      return only('here', 'elsewhere')
    default:
      return failed ? [...only(failed), ...places.filter((place) => place !== failed)] : places
  }
}
