import type { Config } from '../config/schema.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Context, Middleware, Place } from './context.ts'
import { addressMatcher, networkOf } from './network.ts'

export interface PlaceDeps {
  config: Pick<Config, 'server'>
  keyring: Pick<Keyring, 'hmac'>
}

/** What geolocating proxies say where they know nothing; ISO 3166 leaves it free for that. */
const unknown = 'XX'

/**
 * Says where a request comes from: its network, and country and city by the headers that the operator has named. They
 * are believed only from a trusted proxy, since anybody can send a header. Behind `trustedProxies`.
 */
export function place({ config, keyring }: PlaceDeps): Middleware {
  const { location, trustedProxies } = config.server
  const isTrusted = trustedProxies.length === 0 ? () => false : addressMatcher(trustedProxies)

  return async function place(ctx, next) {
    const told = (header: string | undefined) =>
      header !== undefined && isTrusted(ctx.req.socket.remoteAddress) ? ctx.get(header) : ''
    const country = countryOf(told(location.country))
    const city = cityOf(told(location.city))
    let seenFrom: Place['seenFrom'] | undefined
    ctx.state.place = {
      ...(country !== undefined && { country }),
      ...(city !== undefined && { city }),
      // Most requests never ask.
      get seenFrom() {
        seenFrom ??= {
          network: keyring.hmac('network', networkOf(ctx.ip)),
          ...(location.country !== undefined && { country: country ?? unknown }),
        }
        return seenFrom
      },
    }
    await next()
  }
}

/** What people may be told of it, in a notice: never what browsers are compared by. */
export function placeInWords({ state }: Pick<Context, 'state'>): { place?: Pick<Place, 'country' | 'city'> } {
  const { country, city } = state.place ?? {}
  if (country === undefined && city === undefined) return {}
  return { place: { ...(country !== undefined && { country }), ...(city !== undefined && { city }) } }
}

/** In one word, the place of the request or one that was kept: "Leeds", or the country where no more is known, in the person's language. */
export function placeName({ state: { place: here, locale } }: Pick<Context, 'state'>, place: Pick<Place, 'country' | 'city'> | undefined = here): string | undefined {
  return place?.city ?? (place?.country === undefined ? undefined : new Intl.DisplayNames(locale, { type: 'region' }).of(place.country))
}

function countryOf(text: string): string | undefined {
  const code = text.trim().toUpperCase()
  return /^[A-Z]{2}$/.test(code) && code !== unknown ? code : undefined
}

/** Proxies send names in UTF-8, which Node reads as Latin-1, or percent-encoded. What is no name of a place is left out. */
function cityOf(text: string): string | undefined {
  const name = decoded(Buffer.from(text, 'latin1').toString()).trim()
  return /^[\p{L}\p{M}\p{N} .,'’()-]{1,80}$/u.test(name) ? name : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
