import { sendPage } from '../http/reply.ts'
import { longestName, readableName } from '../passkeys/index.ts'
import { passkeyRenamePage, type PasskeyRenameProps } from '../../views/account/passkey-rename.ts'
import { passkeyAt, passkeysPath } from './passkeys.ts'
import { done, pageOf, traces, type AccountPage, type Visitor } from './session.ts'

/** What a passkey is called: it opens nothing more than before, so the session is enough. */
export const passkeyRename: AccountPage = {
  path: '/passkey-rename/:passkey',
  async show(visitor) {
    const found = await passkeyAt(visitor)
    if (found) await show(visitor, { name: found.name, value: found.passkey.name ?? found.name })
  },
  async submit(visitor) {
    const found = await passkeyAt(visitor)
    if (!found) return
    const { deps, account, ctx } = visitor
    // In the form that is kept: what cannot be seen is no name, and characters may be longer there.
    const value = readableName(ctx.state.body['name'] ?? '')
    if (value === '' || value.length > longestName) return show(visitor, { name: found.name, value, error: value === '' ? 'empty' : 'long' })
    await deps.throttle.spend(ctx, 'detail_changed')
    const renamed = await deps.passkeys.rename(account, found.passkey.id, value)
    if (!renamed) return done(visitor, 'changed_elsewhere', { path: passkeysPath })
    await deps.audit.record('passkey.renamed', traces(visitor), { passkeyId: renamed.id })
    await done(visitor, 'passkey_renamed', { path: passkeysPath, subject: renamed.name ?? found.name })
  },
}

async function show(visitor: Visitor, props: PasskeyRenameProps): Promise<void> {
  sendPage(visitor.ctx, passkeyRenamePage(await pageOf(visitor), props), props.error ? 400 : 200)
}
