/** What an app does to sign people in, by openid-client. Nothing here knows that the provider is in the same process. */
import * as openid from 'openid-client'

/** Kept in a cookie of the app's own between leaving for the provider and coming back. */
export interface Flow {
  state: string
  nonce: string
  verifier: string
  acrValues?: string
}

export interface SignedIn {
  idToken: string
  claims: Record<string, unknown>
  userinfo: Record<string, unknown>
}

export interface SignInWish {
  /** `create`: go to the sign-up at once; `login`: ask again although a session lives */
  prompt?: 'create' | 'login'
  acrValues?: string
  loginHint?: string
}

export interface RelyingParty {
  start(wish: SignInWish): Promise<{ url: string; flow: Flow }>
  /** @throws openid-client's errors: what the provider answered, or a check that failed */
  finish(callback: URL, flow: Flow): Promise<SignedIn>
  signOutUrl(idToken: string): Promise<string>
}

/** The provider sends this back, so that the start page can say that it worked. */
export const signedOutState = 'signed-out'

export function createRelyingParty({ issuer, clientId }: { issuer: string; clientId: string }): RelyingParty {
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

  return {
    async start({ prompt, acrValues, loginHint }) {
      const configuration = await provider()
      const flow: Flow = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
        ...(acrValues !== undefined && { acrValues }),
      }
      const url = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: `${issuer}/demo/callback`,
        scope: 'openid profile email phone',
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        ...(prompt !== undefined && { prompt }),
        ...(acrValues !== undefined && { acr_values: acrValues }),
        ...(loginHint !== undefined && { login_hint: loginHint }),
      })
      return { url: url.href, flow }
    },

    async finish(callback, flow) {
      const configuration = await provider()
      const tokens = await openid.authorizationCodeGrant(configuration, callback, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      })
      const claims = tokens.claims()!
      const userinfo = await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)
      return { idToken: tokens.id_token!, claims, userinfo }
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
