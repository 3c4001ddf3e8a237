import { goTo } from './go-to.ts'
import { passkeyAt, passkeysPath } from './passkeys.ts'
import { done, traces, type AccountPage } from './session.ts'

/** The one that buttons name and that is asked for first: it opens nothing more than before, so the session is enough. */
export const passkeyDefault: AccountPage = {
  path: '/passkey-default',
  async show(visitor) {
    goTo(visitor, passkeysPath)
  },
  async submit(visitor) {
    const { deps, account, ctx } = visitor
    const found = await passkeyAt(visitor, ctx.state.body['passkey'] ?? '')
    if (!found) return
    await deps.throttle.spend(ctx, 'detail_changed')
    if (!(await deps.passkeys.makeDefault(account, found.passkey.id))) return done(visitor, 'changed_elsewhere', { path: passkeysPath })
    await deps.audit.record('passkey.made_default', traces(visitor), { passkeyId: found.passkey.id })
    await done(visitor, 'passkey_default', { path: passkeysPath, subject: found.name })
  },
}
