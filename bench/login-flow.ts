import { createHash, randomBytes } from 'node:crypto'
import { decode } from '../test/helpers/html.ts'
import type { Answer, Send } from '../test/helpers/http-client.ts'
import { authorization, client } from './client.ts'
import type { Person } from './people.ts'
import type { Target } from './target.ts'

export interface TokenSet {
  access_token: string
  refresh_token: string
  id_token: string
}

const [callback = ''] = client.redirect_uris
const browser = {
  accept: 'text/html',
  'accept-language': 'en',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
}
const formType = { 'content-type': 'application/x-www-form-urlencoded' }

/**
 * One complete login as browser and app do it: authorize, the login page and its passkey where there is one, back to the
 * app with a code, tokens with an ID token. The person comes back signed out, in a browser that was here before.
 */
export async function logIn({ issuer, endpoints }: Target, send: Send, person: Person): Promise<TokenSet> {
  const { cookies } = person
  cookies.clear(({ name }) => name.includes('device'))
  const verifier = randomBytes(32).toString('base64url')
  let next = authorizationUrl(endpoints.authorization_endpoint, verifier)
  let post: string | undefined

  while (next.origin === issuer) {
    const answer = await send(next, {
      method: post === undefined ? 'GET' : 'POST',
      headers: {
        ...browser,
        cookie: cookies.header(next),
        ...(post !== undefined && { ...formType, origin: issuer, 'sec-fetch-site': 'same-origin' }),
      },
      ...(post !== undefined && { body: post }),
    })
    cookies.store(next, answer.headers['set-cookie'] ?? [])
    const onwards = onwardsFrom(answer)
    post = undefined
    if (onwards !== undefined) {
      next = new URL(onwards, next)
      continue
    }
    const form = passkeyForm(answer, next)
    const response = person.authenticator.get(form.options, { origin: issuer })
    post = new URLSearchParams({ csrf: form.csrf, response: JSON.stringify(response), mediation: 'conditional' }).toString()
    next = form.action
  }
  const code = next.searchParams.get('code')
  if (!code) throw new Error(`no code at ${next}`)
  return token(endpoints.token_endpoint, send, { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier })
}

export function authorizationUrl(endpoint: string, verifier: string): URL {
  const url = new URL(endpoint)
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid email offline_access',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: verifier.slice(0, 16),
    nonce: verifier.slice(16),
  }).toString()
  return url
}

function onwardsFrom({ status, headers }: Answer): string | undefined {
  if (status >= 300 && status < 400) return headers.location
  const refresh = headers['refresh']
  return typeof refresh === 'string' ? /url=(.*)$/.exec(refresh)?.[1] : undefined
}

/** By hand and not with the tests' parser: the load generator must not be what is measured. */
function passkeyForm({ status, body }: Answer, url: URL) {
  const form = /<form\b[^>]*data-passkey="get"[^>]*>/.exec(body)?.[0] ?? ''
  const attribute = (name: string) => new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`).exec(form)?.slice(1).find(Boolean)
  const options = attribute('data-options')
  const action = attribute('action')
  const csrf = /name="csrf" value="([^"]*)"/.exec(body)?.[1]
  if (!options || !action || !csrf) throw new Error(`no passkey form at ${url} (${status}): ${body.slice(0, 500)}`)
  return { csrf, action: new URL(decode(action), url), options: JSON.parse(decode(options)) }
}

/** One request to the token endpoint. */
export async function token(endpoint: string, send: Send, parameters: Record<string, string>): Promise<TokenSet> {
  const { status, body } = await send(new URL(endpoint), {
    method: 'POST',
    headers: { ...formType, authorization },
    body: new URLSearchParams(parameters).toString(),
  })
  if (status !== 200) throw new Error(`/token answered ${status}: ${body}`)
  return JSON.parse(body) as TokenSet
}
