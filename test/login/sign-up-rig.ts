/** A server with one strategy and the identifiers that its sign-up asks for, and what is stored by it. */
import type { ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'

export const email = { signIn: true, signUp: 'required' }
export const phone = { signIn: true, signUp: 'required', defaultRegion: 'GB' }
export const username = { signIn: true, signUp: 'required' }
export const off = { signIn: false, signUp: 'off' }
export const other = { ...shop, client_id: 'other', redirect_uris: ['http://localhost:8/other'] }
export const scope = 'openid email phone profile'

let n = 0
export const names = () => {
  n += 1
  return { email: `new${n}@example.com`, phone: `07911 12${String(3000 + n)}`, e164: `+447911 12${String(3000 + n)}`.replace(' ', ''), username: `newcomer${n}` }
}

export async function start(t: ExecutionContext, strategy: string | Record<string, string>, identifiers: object, more: { verification?: object; latchkey?: object; config?: object } = {}): Promise<{ server: InProcess; app: App }> {
  const server = await startInProcess({
    config: { identifiers, verification: { strategy, ...more.verification }, ...more.config },
    clients: [{ ...shop, latchkey: { ...shop.latchkey, ...more.latchkey } }, other],
  })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop) }
}

export const identifiersIn = async (server: InProcess, sub = ''): Promise<string[]> =>
  ((await server.foundation.storage.accounts.get(sub))?.identifiers ?? []).map(({ kind, value, verifiedAt }) => `${kind} ${value}${verifiedAt === undefined ? '' : ' proven'}`)
