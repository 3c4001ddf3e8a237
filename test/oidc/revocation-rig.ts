/** People who are signed in, what ends that, and what then still works: one server for all tests of a file. */
import test from 'ava'
import { createChanges } from '../../src/accounts/changes.ts'
import { createSwitching } from '../../src/accounts/switching.ts'
import { createTickets } from '../../src/accounts/tickets.ts'
import { createRevocation } from '../../src/oidc/revocation.ts'
import type { Proof } from '../../src/policy/types.ts'
import type { Passkey } from '../../src/storage/types.ts'
import type { App, Tokens } from '../helpers/app.ts'
import type { HttpBrowser } from '../helpers/http-browser.ts'
import { basic, client, post, startRig, type Rig } from './harness.ts'

export const api = 'https://api.example'
export const opaqueApi = 'https://opaque.example'
export const shop = client('shop')
export const other = client('other')
export const thirdParty = client('third', { latchkey: { firstParty: false } })
export const scope = 'openid offline_access'
/** nobody is asked for `offline_access` where it is not used */
export const bound = 'openid'

export let rig: Rig
export let app: App
export let revocation: ReturnType<typeof createRevocation>
export let switching: ReturnType<typeof createSwitching>
export let changes: ReturnType<typeof createChanges>
test.before(async () => {
  rig = await startRig([shop, other, thirdParty], { resources: { [api]: { scopes: ['orders'], format: 'jwt' }, [opaqueApi]: { scopes: ['orders'], format: 'opaque' } } })
  app = await rig.app(shop)
  revocation = createRevocation(rig.storage)
  const audit = { record: async () => {} }
  switching = createSwitching({ storage: rig.storage, revocation, tickets: createTickets(rig.storage), audit })
  changes = createChanges({ storage: rig.storage, revocation, audit })
})
test.after.always(() => rig.close())

export interface Somebody { id: string; passkey: string; browser: HttpBrowser }
let count = 0

/** An account of its own with a passkey; the next stops at our pages sign it in. */
export async function somebody(proof: Partial<Proof> = {}): Promise<Somebody> {
  const id = `somebody${++count}`
  const passkey = `passkey of ${id}`
  const email = `${id}@example.com`
  const createdAt = Date.now()
  await rig.storage.accounts.insert({ id, createdAt, userHandle: id, identifiers: [{ kind: 'email', value: email, verifiedAt: 1 }], credentialIds: [passkey] })
  await rig.storage.passkeys.insert({ id: passkey, accountId: id, createdAt, transports: [] as string[] } as Passkey)
  rig.answer = (request, { interactions }) =>
    request.prompt === 'consent'
      ? interactions.finishConsent(request)
      : interactions.finishLogin(request, { accountId: id, proofs: [{ method: 'passkey', credentialId: passkey, at: Date.now(), accountId: id, usablePasskey: true, deviceHash: 'theirs', ...proof }] })
  return { id, passkey, browser: rig.browser() }
}

export const isActive = async (token: string | undefined, as = shop) =>
  ((await (await post(`${rig.issuer}/token/introspection`, { token: token ?? '' }, basic(as))).json()) as { active: boolean }).active
export const userinfo = async (token: string) => (await fetch(`${rig.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).status
export const refresh = (token: string | undefined) => post(`${rig.issuer}/token`, { grant_type: 'refresh_token', refresh_token: token ?? '' }, basic(shop))
export const silently = async (browser: HttpBrowser) => (await rig.authorize(app, { browser, parameters: { prompt: 'none' } })).url.searchParams

/** What still works of tokens and of the browser's session. */
export async function alive(browser: HttpBrowser, tokens: Partial<Tokens> | undefined): Promise<string[]> {
  const works: string[] = []
  if (tokens?.access_token) {
    if (await isActive(tokens.access_token)) works.push('access token')
    if ((await userinfo(tokens.access_token)) === 200) works.push('userinfo')
  }
  if (tokens?.refresh_token) {
    if (await isActive(tokens.refresh_token)) works.push('introspected refresh token')
    if ((await refresh(tokens.refresh_token)).ok) works.push('refresh')
  }
  const answer = await silently(browser)
  if (answer.get('error') !== 'login_required') works.push(`silent SSO: ${answer}`)
  return works
}
