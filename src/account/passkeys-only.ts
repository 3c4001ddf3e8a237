import { sendPage } from '../http/reply.ts'
import { passkeysOnlyPage } from '../../views/account/passkeys-only.ts'
import { guarded, type Granted } from './guard.ts'
import { passkeysPath, places } from './passkeys.ts'
import { done, madeHere, pageOf, type AccountPage, type Visitor } from './session.ts'

/** "Sign in with passkeys only?": nothing that people can be talked out of opens the account any more. Or it does again. */
export const passkeysOnly: AccountPage = {
  path: '/passkeys-only',
  async show(visitor) {
    const isOff = !isOn(visitor)
    if ((isOff && !wayBack(visitor).enough) || (await may(visitor, isOff))) await show(visitor)
  },
  async submit(visitor) {
    const { deps, account, ctx } = visitor
    const on = ctx.state.body['turn'] === 'on'
    if (on && !isOn(visitor) && !wayBack(visitor).enough) return show(visitor, 409)
    if (on === isOn(visitor)) return done(visitor, 'changed_elsewhere', { path: passkeysPath })
    if (!(await may(visitor, on))) return
    const outcome = await deps.passkeysOnly.set(account, on, madeHere(visitor))
    // A passkey was removed in another window, or somebody has stopped all changes.
    if (outcome !== 'done') return done(visitor, 'changed_elsewhere', { path: passkeysPath })
    await done(visitor, on ? 'passkeys_only_on' : 'passkeys_only_off', { path: passkeysPath })
  },
}

const isOn = ({ account }: Visitor): boolean => account.passkeysOnlySince !== undefined
const wayBack = ({ account, deps }: Visitor) => deps.passkeysOnly.wayBack(account)
const may = (visitor: Visitor, on: boolean): Promise<Granted | undefined> => guarded(visitor, { do: on ? 'passkeys_only_on' : 'passkeys_only_off' }, passkeysPath)

async function show(visitor: Visitor, status = 200): Promise<void> {
  const { deps, ctx } = visitor
  const canMakeCodes = deps.config.verification.methods.includes('recovery_code')
  sendPage(ctx, passkeysOnlyPage(await pageOf(visitor), { on: isOn(visitor), ...wayBack(visitor), canMakeCodes, canAdd: places(visitor).length > 0 }), status)
}
