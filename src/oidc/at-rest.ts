import type { AdapterPayload } from 'oidc-provider'
import type { Keyring } from '../secrets/keyring.ts'
import type { Json } from '../storage/types.ts'

/** What payloads look like in the store. */
export interface AtRest {
  close(id: string, payload: AdapterPayload): Json
  /** @throws AppError `internal` when the record was altered */
  open(id: string, stored: AdapterPayload): AdapterPayload
}

/**
 * No payload is stored with what opens something. Ids are repeated inside payloads: `jti`, the session cookie's value,
 * and the end of the resume URL. Of an ID token that came as a hint only the claims are kept. What is needed again word
 * by word is sealed: the token of a session's sign-out form, and a pushed request with its id and all that it carries.
 */
export function createAtRest(keyring: Pick<Keyring, 'seal' | 'open'>): AtRest {
  return {
    close(id, { jti: _, returnTo, session, params, state, request, parJti, ...rest }) {
      const { cookie: __, ...safeSession } = session ?? {}
      const hint = params?.['id_token_hint']
      return {
        ...rest,
        ...(session && { session: safeSession }),
        ...(params && { params: typeof hint === 'string' ? { ...params, id_token_hint: unsigned(hint) } : params }),
        ...(returnTo && { returnTo: returnTo.slice(0, -id.length) }),
        ...(state && { sealedState: keyring.seal('sign-out form', JSON.stringify(state)) }),
        ...(request && { sealedRequest: keyring.seal('pushed request', request) }),
        ...(parJti && { sealedParJti: keyring.seal('pushed request id', parJti) }),
      } as Json
    },

    open(id, { sealedState, sealedRequest, sealedParJti, ...stored }) {
      return {
        ...stored,
        jti: id,
        ...(stored.returnTo && { returnTo: stored.returnTo + id }),
        ...(typeof sealedState === 'string' && { state: JSON.parse(keyring.open('sign-out form', sealedState)) as Record<string, unknown> }),
        ...(typeof sealedRequest === 'string' && { request: keyring.open('pushed request', sealedRequest) }),
        ...(typeof sealedParJti === 'string' && { parJti: keyring.open('pushed request id', sealedParJti) }),
      }
    },
  }
}

const unsigned = (jwt: string) => `.${jwt.split('.')[1]}.`
