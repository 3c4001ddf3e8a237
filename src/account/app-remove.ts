import { sendPage } from '../http/reply.ts'
import { jwtLife } from '../oidc/revocation.ts'
import { appRemovePage } from '../../views/account/apps.ts'
import { appAt, appsPath } from './apps.ts'
import { done, pageOf, traces, type AccountPage } from './session.ts'

/** "Remove access of …?": it opens nothing, so the session is enough. */
export const appRemove: AccountPage = {
  path: '/app-remove/:app',
  async show(visitor) {
    const app = await appAt(visitor)
    if (app) sendPage(visitor.ctx, appRemovePage(await pageOf(visitor), { name: app.name, asksAgain: !app.firstParty, minutes: jwtLife / 60 }))
  },
  async submit(visitor) {
    const { deps, account } = visitor
    const app = await appAt(visitor)
    if (!app) return
    if (!(await deps.revocation.endGrants(account.id, app.clientId))) return done(visitor, 'changed_elsewhere', { path: appsPath })
    await deps.audit.record('app.access_removed', { ...traces(visitor), clientId: app.clientId }, { scopes: app.scopes })
    await done(visitor, 'app_removed', { path: appsPath, subject: app.name })
  },
}
