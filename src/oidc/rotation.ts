import type { Socket } from 'node:net'
import { errors, type AdapterPayload } from 'oidc-provider'
import type { Artifacts, Clock } from '../storage/types.ts'
import type { EngineRequest } from './request.ts'

const model = 'RefreshToken'
/** how long after its use a refresh token may be presented again by an app that lost the reply, ms */
const leeway = 10_000
/** for how long after the reply a use on another connection still counts as parallel, ms */
const straggling = 300
/** for how long after a parallel use every other one counts as parallel too, ms */
const contention = 1_000

/** A rotation that this process answered. */
interface Rotation { at: number; repliedAt: number; contendedUntil: number; connection: Socket }

/**
 * Refresh tokens are used once. An app that lost the reply may repeat the request within the leeway while the successor
 * is unused: the successor is exchanged for a new one. Uses in parallel get `invalid_grant` and harm nobody. Any other
 * second use is left to the engine, which revokes the family (RFC 9700 4.14.2).
 */
export function createRotation({ artifacts, clock }: { artifacts: Artifacts; clock: Clock }) {
  const rotations = new Map<string, Rotation>()
  const successors = new WeakMap<EngineRequest, string>()

  /** An app that lost a reply has lost the connection too, or repeats on the same one. */
  function isParallel(rotation: Rotation, { arrivedAt, connection }: EngineRequest): boolean {
    if (rotation.connection === connection) return false
    const stragglingUntil = rotation.repliedAt + (rotation.connection.destroyed ? 0 : straggling)
    return arrivedAt <= Math.max(stragglingUntil, rotation.contendedUntil)
  }

  function refused(rotation: Rotation | undefined): Error {
    if (rotation) rotation.contendedUntil = clock.now() + contention
    return new errors.InvalidGrant('refresh token is in use by another request')
  }

  function remember(key: string, request: EngineRequest): void {
    const now = clock.now()
    for (const [old, { at }] of rotations) {
      if (at + leeway > now) break
      rotations.delete(old)
    }
    const rotation = { at: now, repliedAt: Infinity, contendedUntil: 0, connection: request.connection }
    rotations.delete(key)
    rotations.set(key, rotation)
    request.onReply(() => { rotation.repliedAt = clock.now() })
  }

  return {
    /** A used token that is presented again: as unused when this is a repeat, as used when it is reuse. */
    async present(key: string, payload: AdapterPayload, request: EngineRequest): Promise<AdapterPayload> {
      const consumedAt = Number(payload.consumed)
      if (clock.now() - consumedAt > leeway) return payload
      const successor = await artifacts.findByUid(model, key)
      if ((successor?.payload as AdapterPayload | undefined)?.consumed) return payload
      const rotation = rotations.get(key)
      const parallel = rotation ? isParallel(rotation, request) : request.arrivedAt <= consumedAt + straggling
      if (!successor || parallel) throw refused(rotation)
      successors.set(request, successor.key)
      const { consumed: _, ...unused } = payload
      return unused
    },

    /** @throws InvalidGrant for all but one */
    async consume(key: string, request: EngineRequest): Promise<void> {
      const successor = successors.get(request)
      const won = successor ? await artifacts.destroyUnconsumed(model, successor) : await artifacts.consume(model, key)
      if (!won) throw refused(rotations.get(key))
      remember(key, request)
    },
  }
}
