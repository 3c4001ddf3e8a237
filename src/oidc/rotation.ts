import { errors, type AdapterPayload } from 'oidc-provider'
import type { Artifacts, Clock } from '../storage/types.ts'

const model = 'RefreshToken'
/** how long after its use a refresh token may be presented again by an app that lost the reply, ms */
const leeway = 10_000
/** for how long parallel uses of one token make a later one count as parallel too, ms */
const contention = 1_000

/** A rotation that this process answered. */
interface Rotation { at: number; repliedAt: number; contendedUntil: number }

/** The request at hand: when its headers arrived (ms), and its reply. */
export interface TokenRequest {
  arrivedAt: number
  onReply(done: () => void): void
}

/**
 * Refresh tokens are used once. An app that lost the reply may repeat the request within the leeway while the successor
 * is unused: the successor is exchanged for a new one. Uses in parallel get `invalid_grant` and harm nobody. Any other
 * second use is left to the engine, which revokes the family (RFC 9700 4.14.2).
 */
export function createRotation({ artifacts, clock }: { artifacts: Artifacts; clock: Clock }) {
  const rotations = new Map<string, Rotation>()
  const successors = new WeakMap<TokenRequest, string>()

  function overlaps(key: string, request: TokenRequest): boolean {
    const rotation = rotations.get(key)
    return rotation !== undefined && request.arrivedAt <= Math.max(rotation.repliedAt, rotation.contendedUntil)
  }

  function lost(key: string): never {
    const rotation = rotations.get(key)
    if (rotation) rotation.contendedUntil = clock.now() + contention
    throw new errors.InvalidGrant('refresh token is in use by another request')
  }

  function remember(key: string, request: TokenRequest): void {
    const now = clock.now()
    for (const [old, { at }] of rotations) {
      if (at + leeway > now) break
      rotations.delete(old)
    }
    const rotation = { at: now, repliedAt: Infinity, contendedUntil: 0 }
    rotations.delete(key)
    rotations.set(key, rotation)
    request.onReply(() => { rotation.repliedAt = clock.now() })
  }

  return {
    /** A used token that is presented again: as unused when this is a repeat, as used when it is reuse. */
    async present(key: string, payload: AdapterPayload, request: TokenRequest): Promise<AdapterPayload> {
      if (clock.now() - Number(payload.consumed) > leeway) return payload
      if (overlaps(key, request)) return lost(key)
      const successor = await artifacts.findByUid(model, key)
      if (!successor) return lost(key)
      if ((successor.payload as AdapterPayload).consumed) return payload
      successors.set(request, successor.key)
      const { consumed: _, ...unused } = payload
      return unused
    },

    /** @throws InvalidGrant for all but one */
    async consume(key: string, request: TokenRequest): Promise<void> {
      const successor = successors.get(request)
      const won = successor ? await artifacts.destroyUnconsumed(model, successor) : await artifacts.consume(model, key)
      if (!won) lost(key)
      remember(key, request)
    },
  }
}
