import type { Socket } from 'node:net'
import { errors, type AdapterPayload } from 'oidc-provider'
import type { Storage } from '../storage/types.ts'
import type { EngineRequest } from './request.ts'

const model = 'RefreshToken'
/** how long after its use a refresh token may be presented again by an app that lost the reply, ms */
const leeway = 10_000
/** for how long after the reply a use on another connection still counts as parallel, ms */
const straggling = 300
/** for how long after a parallel use every other one counts as parallel too, and how long after the reply at most, ms */
const contention = 1_000
const longestContention = 1_500
/** after this no process is still about to store a successor: longer than the store lets a write wait, ms */
const abandonedAfter = 6_000

/** A rotation that this process answered. */
interface Rotation { at: number; repliedAt: number; contendedUntil: number; connection: Socket }

/**
 * Refresh tokens are used once. An app that lost the reply may repeat the request within the leeway while the successor
 * is unused: the successor is exchanged for a new one, and whoever presents it then ends the family: of a thief and the
 * owner one must. Uses in parallel get `invalid_grant` and harm nobody. Any other second use is left to the engine, which
 * revokes the family (RFC 9700 4.14.2). A process that died between the use and its successor leaves a used token without
 * one: that may be repeated too.
 */
export function createRotation({ artifacts, ephemeral, clock }: Pick<Storage, 'artifacts' | 'ephemeral' | 'clock'>) {
  const rotations = new Map<string, Rotation>()
  const processStartedAt = clock.now() - process.uptime() * 1000
  const successors = new WeakMap<EngineRequest, string>()
  const abandoned = new WeakSet<EngineRequest>()

  /** An app that lost a reply has lost the connection too, or repeats on the same one. */
  function isParallel(rotation: Rotation, { arrivedAt, connection }: EngineRequest): boolean {
    if (rotation.connection === connection) return false
    const stragglingUntil = rotation.repliedAt + (rotation.connection.destroyed ? 0 : straggling)
    return arrivedAt <= Math.max(stragglingUntil, Math.min(rotation.contendedUntil, rotation.repliedAt + longestContention))
  }

  function refused(rotation: Rotation | undefined): Error {
    if (rotation) rotation.contendedUntil = clock.now() + contention
    return new errors.InvalidGrant('refresh token is in use by another request')
  }

  async function supersede(successor: string): Promise<boolean> {
    if (!(await artifacts.consume(model, successor))) return false
    await artifacts.patch(model, successor, { superseded: true })
    return true
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
      if (isSuperseded(payload)) return payload
      if (clock.now() - consumedAt > leeway) return payload
      const newest = await artifacts.findByUid(model, key)
      // Replaced, and what replaced it was never stored: as good as none.
      const successor = newest && !isSuperseded(newest.payload) ? newest : undefined
      if ((successor?.payload as AdapterPayload | undefined)?.consumed) return payload
      const rotation = rotations.get(key)
      if (!successor && !rotation && (consumedAt < processStartedAt || clock.now() - consumedAt > abandonedAfter)) {
        abandoned.add(request)
        return withoutConsumed(payload)
      }
      const parallel = rotation ? isParallel(rotation, request) : request.arrivedAt <= consumedAt + straggling
      if (!successor || parallel) throw refused(rotation)
      successors.set(request, successor.key)
      return withoutConsumed(payload)
    },

    /** @throws InvalidGrant for all but one */
    async consume(key: string, request: EngineRequest): Promise<void> {
      const successor = successors.get(request)
      const won = successor
        ? await supersede(successor)
        : abandoned.has(request)
          ? await ephemeral.claim(`rotation:${key}`, clock.now() + contention)
          : await artifacts.consume(model, key)
      if (!won) throw refused(rotations.get(key))
      remember(key, request)
    },
  }
}

const isSuperseded = (payload: unknown): boolean => (payload as AdapterPayload)['superseded'] === true

function withoutConsumed({ consumed: _, ...unused }: AdapterPayload): AdapterPayload {
  return unused
}
