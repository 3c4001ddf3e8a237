import { hasWayIn } from '../accounts/way-in.ts'
import { sendPage } from '../http/reply.ts'
import { authenticatorFor } from '../passkeys/index.ts'
import { methodsOf } from '../policy/strategy.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { passkeyRemovePage } from '../../views/account/passkey-remove.ts'
import { guarded } from './guard.ts'
import { noticeContext } from './here.ts'
import { passkeyAt, passkeysPath } from './passkeys.ts'
import { done, madeHere, pageOf, type AccountPage, type Visitor } from './session.ts'

type Found = NonNullable<Awaited<ReturnType<typeof passkeyAt>>>

/** "Remove …?": what will be lost, on a page of its own. */
export const passkeyRemove: AccountPage = {
  path: '/passkey-remove/:passkey',
  async show(visitor) {
    const found = await passkeyAt(visitor)
    if (found && (isLastWayIn(visitor, found) || (await may(visitor, found.passkey)))) await show(visitor, found)
  },
  async submit(visitor) {
    const found = await passkeyAt(visitor)
    if (!found) return
    if (isLastWayIn(visitor, found)) return show(visitor, found)
    if (!(await may(visitor, found.passkey))) return
    const { deps, account } = visitor
    const { passkey, name } = found
    const change = await deps.changes.removePasskey(account, passkey.id, madeHere(visitor), (left) => hasWayIn(left, deps.config))
    // Another window has removed the other ways meanwhile.
    if (!change) return done(visitor, 'changed_elsewhere', { path: passkeysPath })
    const keeper = authenticatorFor(passkey.aaguid)?.name
    await deps.notices.passkeyRemoved(without(account, passkey), { ...passkey, name }, { ...noticeContext(visitor), change, ...(keeper !== undefined && { storedIn: keeper }) })
    await done(visitor, 'passkey_removed', { path: passkeysPath, subject: keeper ?? 'none' })
  },
}

/** One that the account began with is as old as the account. */
const may = async (visitor: Visitor, { signUp, createdAt }: Passkey): Promise<boolean> =>
  (await guarded(visitor, { do: 'remove_passkey', createdAt: signUp ? visitor.account.createdAt : createdAt }, passkeysPath)) !== undefined

const without = (account: Account, { id }: Passkey): Account => ({ ...account, credentialIds: account.credentialIds.filter((listed) => listed !== id) })

const isLastWayIn = ({ account, deps }: Visitor, { passkey }: Found): boolean => !hasWayIn(without(account, passkey), deps.config)

async function show(visitor: Visitor, found: Found): Promise<void> {
  const { ctx, session, deps, account } = visitor
  const { methods } = deps.config.verification
  const last = isLastWayIn(visitor, found)
  sendPage(
    ctx,
    passkeyRemovePage(await pageOf(visitor), {
      name: found.name,
      last,
      codes: methods.includes('recovery_code') && account.factors?.recovery_codes === undefined,
      left: methodsOf(without(account, found.passkey), methods).filter((method) => method !== 'email_link'),
      usedHere: session.proofs.every(({ credentialId }) => credentialId === found.passkey.id),
      told: deps.accounts.provenEmails(account).length > 0,
    }),
    last && ctx.method === 'POST' ? 409 : 200,
  )
}
