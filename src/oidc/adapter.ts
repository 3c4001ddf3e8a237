import Provider, { errors, type Adapter, type AdapterPayload } from 'oidc-provider'
import { AppError } from '../errors.ts'
import { hashId, type Keyring } from '../secrets/keyring.ts'
import type { ArtifactIndex, Storage } from '../storage/types.ts'
import { createAtRest } from './at-rest.ts'
import { currentRequest, queue, type EngineRequest } from './request.ts'
import { createRotation } from './rotation.ts'

/** Sessions found by their uid have no id to offer, only the key they are stored under. No generated id has a colon. */
const storedKey = 'key:'

/** What stands open for an account: found by it when it is switched off or signed out. */
const open = new Set(['Session', 'Grant'])

/** What a grant's end takes with it. */
const granted = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode', 'BackchannelAuthenticationRequest'])

type AdapterDeps = Pick<Storage, 'artifacts' | 'ephemeral' | 'clock'> & { keyring: Pick<Keyring, 'seal' | 'open'> }

/**
 * The engine's store: keys are hashes of ids, and no payload holds an id that opens anything. Single use is one
 * compare-and-set whose loser throws, since the engine does not look at what `consume` returns.
 */
export function createAdapter({ artifacts, ephemeral, clock, keyring }: AdapterDeps): (model: string) => Adapter {
  const atRest = createAtRest(keyring)
  const rotation = createRotation({ artifacts, clock })
  const expiry = (seconds: number | undefined) => (seconds === undefined ? undefined : clock.now() + seconds * 1000)
  return (model) => (model === 'ReplayDetection' ? replayDetection() : adapterFor(model))

  function adapterFor(model: string): Adapter {
    const keyOf = (id: string) => hashId(`${model}:${id}`)
    const keyOfKnown = (id: string) => (id.startsWith(storedKey) ? id.slice(storedKey.length) : keyOf(id))

    return {
      async upsert(id, payload, expiresIn) {
        // Whoever ends a grant that an account lists has to know which tokens are its own.
        const stored = model === 'Grant' ? { ...payload, grantId: id } : payload
        await queue(artifacts.upsert(model, keyOfKnown(id), atRest.close(id, stored), indexOf(stored), expiry(expiresIn)))
      },
      async find(id) {
        const key = keyOf(id)
        const stored = (await artifacts.find(model, key)) as AdapterPayload | undefined
        if (!stored || isEnded(stored)) return undefined
        const request = stored.consumed && model === 'RefreshToken' ? tokenRequest() : undefined
        return atRest.open(id, request ? await rotation.present(key, stored, request) : stored)
      },
      async findByUid(uid) {
        const found = await artifacts.findByUid(model, uid)
        return found && atRest.open(storedKey + found.key, found.payload as AdapterPayload)
      },
      async findByUserCode(userCode) {
        const found = await artifacts.findByUserCode(model, userCode)
        return found && atRest.open(storedKey + found.key, found.payload as AdapterPayload)
      },
      async consume(id) {
        const request = model === 'RefreshToken' ? tokenRequest() : undefined
        if (request) return rotation.consume(keyOf(id), request)
        if (await artifacts.consume(model, keyOf(id))) return
        throw model === 'PushedAuthorizationRequest' ? new errors.InvalidRequestUri('request_uri was already used') : new errors.InvalidGrant('already used')
      },
      async destroy(id) {
        await queue(endsLogin() ? endOnce(keyOfKnown(id)) : artifacts.destroy(model, keyOfKnown(id)))
      },
      async revokeByGrantId(grantId) {
        // The engine asks for one model after the other; the store ends all of them at the first.
        if (model === 'AccessToken') await artifacts.revokeByGrantId(grantId)
      },
    }

    /** What was ended leaves a mark, so that a request that is still under way does not write it anew. */
    function isEnded({ consumed }: AdapterPayload): boolean {
      return consumed !== undefined && open.has(model)
    }

    /** A finished login is resumed once, however many requests found it there: the others end as errors. */
    async function endOnce(key: string): Promise<void> {
      if (await artifacts.destroyUnconsumed(model, key)) return
      throw new AppError('interaction_finished', 'the login was resumed already', { params: { clientId: Provider.ctx?.oidc.client?.clientId ?? '' } })
    }

    function endsLogin(): boolean {
      return model === 'Interaction' && Provider.ctx?.oidc.route === 'resume'
    }

    function indexOf({ grantId, uid, userCode, accountId }: AdapterPayload): ArtifactIndex {
      const predecessor = model === 'RefreshToken' ? Provider.ctx?.oidc.entities.RotatedRefreshToken?.jti : undefined
      return {
        ...(grantId && granted.has(model) && { grantId }),
        ...(uid && { uid }),
        ...(predecessor && { uid: keyOf(predecessor) }),
        ...(userCode && { userCode }),
        ...(accountId && open.has(model) && { accountId }),
      }
    }
  }

  /** The `jti` of DPoP proofs and client assertions: one claim is exact where find and save are not. */
  function replayDetection(): Adapter {
    const keyOf = (id: string) => `replay:${hashId(id)}`
    const unsupported = () => Promise.reject(new TypeError('replay marks are only claimed'))
    return {
      find: async (id) => ((await ephemeral.get(keyOf(id))) === undefined ? undefined : { jti: id }),
      async upsert(id, _payload, expiresIn) {
        if (!(await ephemeral.claim(keyOf(id), expiry(expiresIn)!))) throw new errors.InvalidRequest('jti was already used')
      },
      destroy: unsupported, consume: unsupported, findByUid: unsupported, findByUserCode: unsupported, revokeByGrantId: unsupported,
    }
  }
}

/** The HTTP request, when it is one to the token endpoint; revocation and introspection look at tokens as they are. */
function tokenRequest(): EngineRequest | undefined {
  return Provider.ctx?.oidc.route === 'token' ? currentRequest() : undefined
}
