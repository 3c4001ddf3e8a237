import { sendPage } from '../http/reply.ts'
import { authenticatorFor, namesOf } from '../passkeys/index.ts'
import { recoveryPage } from '../../views/account/recovery.ts'
import { nextStep } from './overview.ts'
import { pageOf, type AccountPage } from './session.ts'

/** "If you lose your phone": what would still open this very account, and what would not. */
export const recovery: AccountPage = {
  path: '/recovery',
  async show(visitor) {
    const { account, deps, ctx } = visitor
    const [passkeys, page] = await Promise.all([deps.passkeys.listFor(account), pageOf(visitor)])
    const names = namesOf(passkeys)
    const { methods } = deps.config.verification
    const codes = methods.includes('recovery_code') ? (account.factors?.recovery_codes?.left ?? 0) : 0
    const only = account.passkeysOnlySince !== undefined
    const proven = (kind: 'email' | 'phone') => !only && account.identifiers.some((entry) => entry.kind === kind && entry.verifiedAt !== undefined)
    sendPage(
      ctx,
      recoveryPage(page, {
        synced: [...new Set(passkeys.filter(({ backupEligible }) => backupEligible).map((passkey) => authenticatorFor(passkey.aaguid)?.name ?? names.get(passkey.id)!))],
        onDevices: passkeys.filter(({ backupEligible }) => !backupEligible).map(({ id }) => names.get(id)!),
        codes,
        byEmail: proven('email') && methods.some((method) => method === 'email_otp' || method === 'email_link'),
        byPhone: proven('phone') && methods.includes('sms_otp'),
        // Who has no passkey has nothing to wait for.
        waitHours: passkeys.length > 0 ? Math.ceil(deps.config.recovery.delay / 3_600_000) : 0,
        next: nextStep(visitor, passkeys.length, codes),
      }),
    )
  },
}
