import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { kindsInUse } from '../accounts/way-in.ts'
import { sendPage } from '../http/reply.ts'
import { namesOf } from '../passkeys/index.ts'
import { identifierKinds } from '../policy/types.ts'
import type { IdentifierKind } from '../storage/types.ts'
import { waysToSignInPage, type IdentifierGroup, type WaysProps } from '../../views/account/ways.ts'
import { isUnproven, mostOf, refOf } from './identifiers.ts'
import { pageOf, type AccountPage, type Visitor } from './session.ts'

/** "Ways to sign in": all that opens the account. */
export const waysToSignIn: AccountPage = {
  path: '/ways',
  async show(visitor) {
    const { account, deps, ctx } = visitor
    const { methods } = deps.config.verification
    const { totp, recovery_codes: codes } = account.factors ?? {}
    const [passkeys, page] = await Promise.all([deps.passkeys.listFor(account), pageOf(visitor)])
    const toConfirm = unconfirmed(visitor)
    sendPage(
      ctx,
      waysToSignInPage(page, {
        passkeysOnly: account.passkeysOnlySince !== undefined,
        groups: kindsOf(visitor).map((kind) => groupOf(visitor, kind)),
        passkeys: [...namesOf(passkeys).values()].map((name) => ({ name })),
        ...((totp || methods.includes('totp')) && { totp: { ...(totp && { since: totp.since }) } }),
        ...((codes || methods.includes('recovery_code')) && { recoveryCodes: { ...(codes && { left: codes.left }) } }),
        ...(toConfirm && { toConfirm }),
      }),
    )
  },
}

/** What is used here, and what the account has from when it was. */
function kindsOf({ account, deps }: Visitor): IdentifierKind[] {
  const used = kindsInUse(deps.config)
  return identifierKinds.filter((kind) => used.includes(kind) || account.identifiers.some((entry) => entry.kind === kind))
}

function groupOf({ account, deps }: Visitor, kind: IdentifierKind): IdentifierGroup {
  const own = account.identifiers.filter((entry) => entry.kind === kind)
  const max = mostOf(deps.config, kind)
  const [first] = own
  return {
    kind,
    max,
    canAdd: kindsInUse(deps.config).includes(kind) && (kind === 'username' || own.length < max),
    listed: own.map((entry) => ({
      ref: refOf(entry),
      value: readable(entry),
      ...(kind !== 'username' && { confirmed: !isUnproven(entry) }),
      main: entry === first,
      mayBeMain: entry !== first && !isUnproven(entry),
    })),
  }
}

/** What the account was signed up with and cannot sign in by yet. */
function unconfirmed({ account }: Visitor): WaysProps['toConfirm'] {
  const entry = account.identifiers.find(isUnproven)
  return entry && entry.kind !== 'username' && account.identifiers.every((other) => idOf(other) === idOf(entry) || isUnproven(other) || other.kind === 'username')
    ? { kind: entry.kind, ref: refOf(entry) }
    : undefined
}
