/** What an app does to sign people in, by openid-client. Nothing here knows that the provider is in the same process. */
import * as openid from 'openid-client'
import { apiOf } from './client.ts'
import { readChallenge } from './resource-server.ts'

/** Kept in a cookie of the app's own between leaving for the provider and coming back. */
export interface Flow {
  state: string
  nonce: string
  verifier: string
  acrValues?: string
  /** what the sign-in is for: a token for the API. `challenge`: what the API said to the last one */
  transfer?: { challenge?: string }
}

export interface SignedIn {
  idToken: string
  claims: Record<string, unknown>
  userinfo: Record<string, unknown>
}

export interface Elevated {
  idToken: string
  claims: Record<string, unknown>
  /** a JWT for the API */
  accessToken: string
}

export interface SignInWish {
  /** `create`: go to the sign-up at once; `login`: ask again although a session lives */
  prompt?: 'create' | 'login'
  acrValues?: string
  loginHint?: string
}

/** To be let in at the API: nobody else than before, as surely as it said. */
export interface TransferWish {
  idToken: string
  /** the API's `WWW-Authenticate`; absent at the first try */
  challenge?: string
}

export interface RelyingParty {
  start(wish: SignInWish): Promise<{ url: string; flow: Flow }>
  /** @throws openid-client's errors: what the provider answered, or a check that failed */
  finish(callback: URL, flow: Flow): Promise<SignedIn>
  startTransfer(wish: TransferWish): Promise<{ url: string; flow: Flow }>
  /** @throws like `finish` */
  finishTransfer(callback: URL, flow: Flow): Promise<Elevated>
  /** calls the API: `done`, or what it answered instead */
  transfer(accessToken: string): Promise<{ done: true } | { done: false; challenge: string }>
  signOutUrl(idToken: string): Promise<string>
}

/** The provider sends this back, so that the start page can say that it worked. */
export const signedOutState = 'signed-out'

export function createRelyingParty({ issuer, clientId }: { issuer: string; clientId: string }): RelyingParty {
  const resource = apiOf(issuer)
  let discovered: Promise<openid.Configuration> | undefined

  // At the first use and not at the start: the provider does not listen yet then.
  function provider(): Promise<openid.Configuration> {
    discovered ??= openid
      .discovery(new URL(issuer), clientId, undefined, openid.None(), { execute: [openid.allowInsecureRequests] })
      .catch((error: unknown) => {
        discovered = undefined
        throw error
      })
    return discovered
  }

  async function authorize(parameters: Record<string, string>, more: Partial<Flow> = {}): Promise<{ url: string; flow: Flow }> {
    const configuration = await provider()
    const flow: Flow = { state: openid.randomState(), nonce: openid.randomNonce(), verifier: openid.randomPKCECodeVerifier(), ...more }
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: `${issuer}/demo/callback`,
      scope: 'openid profile email phone',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
      ...parameters,
    })
    return { url: url.href, flow }
  }

  async function redeem(callback: URL, { state, nonce, verifier }: Flow, parameters: Record<string, string> = {}) {
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
    const tokens = await openid.authorizationCodeGrant(await provider(), callback, checks, parameters)
    return { idToken: tokens.id_token!, claims: tokens.claims()!, accessToken: tokens.access_token }
  }

  return {
    start: ({ prompt, acrValues, loginHint }) =>
      authorize(
        {
          ...(prompt !== undefined && { prompt }),
          ...(acrValues !== undefined && { acr_values: acrValues }),
          ...(loginHint !== undefined && { login_hint: loginHint }),
        },
        { ...(acrValues !== undefined && { acrValues }) },
      ),

    async finish(callback, flow) {
      const { idToken, claims, accessToken } = await redeem(callback, flow)
      const userinfo = await openid.fetchUserInfo(await provider(), accessToken, claims.sub)
      return { idToken, claims, userinfo }
    },

    startTransfer({ idToken, challenge }) {
      const { acrValues, maxAge } = readChallenge(challenge ?? null) ?? {}
      return authorize(
        {
          scope: 'openid transfer',
          resource,
          id_token_hint: idToken,
          ...(acrValues !== undefined && { acr_values: acrValues }),
          ...(maxAge !== undefined && { max_age: maxAge }),
        },
        { transfer: { ...(challenge !== undefined && { challenge }) } },
      )
    },

    finishTransfer: (callback, flow) => redeem(callback, flow, { resource }),

    async transfer(accessToken) {
      const answer = await fetch(`${resource}/transfers`, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` } })
      return answer.ok ? { done: true } : { done: false, challenge: answer.headers.get('www-authenticate') ?? '' }
    },

    async signOutUrl(idToken) {
      const url = openid.buildEndSessionUrl(await provider(), {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${issuer}/demo`,
        state: signedOutState,
      })
      return url.href
    },
  }
}
