import { setTimeout as pause } from 'node:timers/promises'
import { errors, type AdapterPayload } from 'oidc-provider'
import type { Storage } from '../storage/types.ts'
import type { EngineRequest } from './request.ts'

const model = 'RefreshToken'
/** how long after its use a refresh token may be presented again by an app that lost the reply, ms */
const leeway = 10_000
/** how long after its first use at most, however often it was repeated, ms */
const longestLeeway = 60_000
/** for how long after the reply a use on another connection still counts as parallel, ms */
const straggling = 300
/** for how long after a parallel use every other one counts as parallel too, and how long after the reply at most, ms */
const contention = 1_000
const longestContention = 1_500
/** after this no process is still about to store a successor: longer than the store lets a write wait, ms */
const abandonedAfter = 6_000
/** how often a repeat looks for what another process may be about to store, ms */
const lookingEvery = 50

/** A use that this process let through. */
interface Rotation { at: number; repliedAt: number; contendedUntil: number; request: EngineRequest }

/** What a repeat was let through by: it counts while the token is still as it was found. */
interface Repeat { usedAt: number; firstUsedAt: number; successor: string | undefined }

/**
 * Refresh tokens are used once. An app that lost the reply may repeat the request within the leeway while the successor
 * is unused: the successor is exchanged for a new one, and whoever presents it then ends the family: of a thief and the
 * owner one must. So every repeat may begin the leeway anew: it leaves one successor that works, as the first use did.
 * So may a start of the server, before which nobody could repeat. Uses in parallel get `invalid_grant` and harm nobody.
 * Any other second use is left to the engine, which revokes the family (RFC 9700 4.14.2).
 *
 * A process may die, or its store fail, after any of the writes of a use: the token marked, the unused successor marked
 * as superseded, the new one stored. Each of them leaves what a repeat is let through by. A token without a successor is
 * repeatable once nobody can be about to store one.
 *
 * @param processStartedAt ms by the store's clock
 */
export function createRotation(
  { artifacts, clock }: Pick<Storage, 'artifacts' | 'clock'>,
  processStartedAt = clock.now() - process.uptime() * 1000,
) {
  const servingSince = clock.now()
  const rotations = new Map<string, Rotation>()
  const repeats = new WeakMap<EngineRequest, Repeat>()

  function isOver(usedAt: number, firstUsedAt: number): boolean {
    const now = clock.now()
    return now - Math.max(usedAt, servingSince) > leeway || now - firstUsedAt > longestLeeway
  }

  /** Another process may have let through a later use. */
  function rotationOf(key: string, usedAt: number): Rotation | undefined {
    const rotation = rotations.get(key)
    return rotation && rotation.at >= usedAt ? rotation : undefined
  }

  /** An app that lost a reply has lost the connection too, or repeats on the same one. */
  function isParallel({ arrivedAt, connection }: EngineRequest, usedAt: number, rotation: Rotation | undefined): boolean {
    if (!rotation) return usedAt >= processStartedAt && arrivedAt <= usedAt + straggling
    const first = rotation.request.connection
    if (first === connection) return false
    const stragglingUntil = rotation.repliedAt + (first.destroyed ? 0 : straggling)
    return arrivedAt <= Math.max(stragglingUntil, Math.min(rotation.contendedUntil, rotation.repliedAt + longestContention))
  }

  function refused(rotation: Rotation | undefined): Error {
    if (rotation) rotation.contendedUntil = clock.now() + contention
    return new errors.InvalidGrant('refresh token is in use by another request')
  }

  /** The successor that holds, if there is one; one that was replaced, and whose replacement was never stored, is as good as none. */
  async function findSuccessor(key: string) {
    const newest = await artifacts.findByUid(model, key)
    return newest && !isSuperseded(newest.payload) ? newest : undefined
  }

  /** Another process that used it is about to store a successor, or died. @throws InvalidGrant in the first case */
  async function waitForSuccessor(key: string, usedAt: number): Promise<void> {
    while (usedAt >= processStartedAt && clock.now() - usedAt <= abandonedAfter) {
      await pause(lookingEvery)
      if (await findSuccessor(key)) throw refused(undefined)
    }
  }

  /** One step after the other: of several repeats only the first to take the token goes on to the successor. */
  async function useAgain(key: string, { usedAt, firstUsedAt, successor }: Repeat): Promise<boolean> {
    if (!(await artifacts.consume(model, key, { from: usedAt, patch: { firstUsed: firstUsedAt } }))) return false
    return successor === undefined || artifacts.consume(model, successor, { patch: { superseded: true } })
  }

  function remember(key: string, at: number, request: EngineRequest): void {
    for (const [old, rotation] of rotations) {
      if (rotation.at + leeway > at) break
      rotations.delete(old)
    }
    const rotation = { at, repliedAt: Infinity, contendedUntil: 0, request }
    rotations.delete(key)
    rotations.set(key, rotation)
    request.onReply(() => { rotation.repliedAt = clock.now() })
  }

  return {
    /** A used token that is presented again: as unused when this is a repeat, as used when it is reuse. */
    async present(key: string, payload: AdapterPayload, request: EngineRequest): Promise<AdapterPayload> {
      const usedAt = Number(payload.consumed)
      const firstUsedAt = Number(payload['firstUsed'] ?? usedAt)
      if (isSuperseded(payload) || isOver(usedAt, firstUsedAt)) return payload
      const rotation = rotationOf(key, usedAt)
      const underWay = rotation && !rotation.request.over
      const successor = await findSuccessor(key)
      if ((successor?.payload as AdapterPayload | undefined)?.consumed) return payload
      if (successor ? isParallel(request, usedAt, rotation) : underWay) throw refused(rotation)
      if (!successor && !rotation) await waitForSuccessor(key, usedAt)
      repeats.set(request, { usedAt, firstUsedAt, successor: successor?.key })
      return withoutConsumed(payload)
    },

    /** @throws InvalidGrant for all but one */
    async consume(key: string, request: EngineRequest): Promise<void> {
      const repeat = repeats.get(request)
      const won = repeat ? await useAgain(key, repeat) : await artifacts.consume(model, key)
      if (!won) throw refused(rotations.get(key))
      remember(key, Math.max(clock.now(), (repeat?.usedAt ?? 0) + 1), request)
    },
  }
}

const isSuperseded = (payload: unknown): boolean => (payload as AdapterPayload)['superseded'] === true

function withoutConsumed({ consumed: _, ...unused }: AdapterPayload): AdapterPayload {
  return unused
}
