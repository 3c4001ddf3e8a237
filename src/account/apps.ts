import { accountClientId } from '../config/schema.ts'
import { sendPage } from '../http/reply.ts'
import { hashId } from '../secrets/keyring.ts'
import { appsPage, type ListedApp } from '../../views/account/apps.ts'
import { paramOf } from './identifiers.ts'
import { done, pageOf, type AccountPage, type Visitor } from './session.ts'

export const appsPath = '/account/apps'

/** "Apps with access": whatever was granted, also by signing in to an app of the operator's own. */
export const apps: AccountPage = {
  path: '/apps',
  async show(visitor) {
    const [page, listed] = await Promise.all([pageOf(visitor), appsOf(visitor)])
    sendPage(visitor.ctx, appsPage(page, { apps: listed }))
  },
}

/** Names an app in an address. */
const refOf = (clientId: string): string => hashId(`app:${clientId}`).slice(0, 22)

type Granted = ListedApp & { clientId: string; firstParty: boolean }

/** Our own pages hold a grant as every app does; they are none to anybody. */
export async function appsOf({ deps, account }: Visitor): Promise<Granted[]> {
  const granted = (await deps.revocation.listGrants(account.id)).filter(({ clientId }) => clientId !== accountClientId)
  return granted.map(({ clientId, since, scopes }) => {
    const app = deps.engine.app(clientId)
    const home = app?.homeUrl === undefined ? undefined : new URL(app.homeUrl).host
    const firstParty = deps.config.clients.find(({ client_id }) => client_id === clientId)?.latchkey.firstParty ?? false
    return { ref: refOf(clientId), clientId, firstParty, name: app?.name ?? clientId, since, scopes, ...(home !== undefined && { host: home }) }
  })
}

/** The app that an address names. undefined: it has no access any more, and the answer says so. */
export async function appAt(visitor: Visitor): Promise<Granted | undefined> {
  const ref = paramOf(visitor, 'app')
  const app = (await appsOf(visitor)).find((one) => one.ref === ref)
  if (!app) await done(visitor, 'changed_elsewhere', { path: appsPath })
  return app
}
