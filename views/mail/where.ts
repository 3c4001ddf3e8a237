import { readableTime } from '../parts/time.ts'
import type { MailContext } from './layout.ts'
import { deviceName, placeName } from './translate.ts'

/** Where and when something happened. */
export interface Where {
  /** ms since 1970 */
  at: number
  /** "Chrome on Windows" */
  device: string
  /** where a proxy says it: ISO 3166 code, and a name */
  place?: { country?: string; city?: string }
}

/** "November 22, 2026 at 13:05 UTC, Chrome on Windows, Leeds": the place is left out when it is not known. */
export function timeAndPlace({ t, locale }: MailContext, { at, device, place }: Where): string {
  return [readableTime(at, locale), deviceAndPlace({ t, locale }, { device, ...(place && { place }) })].join(', ')
}

/** "Chrome on Windows, Leeds" */
export function deviceAndPlace({ t, locale }: Pick<MailContext, 't' | 'locale'>, { device, place }: Pick<Where, 'device' | 'place'>): string {
  return [deviceName(device, t), placeName(place, locale)].filter(Boolean).join(', ')
}
