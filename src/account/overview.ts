import { sendPage } from '../http/reply.ts'
import { methodsOf } from '../policy/strategy.ts'
import { overviewPage, type NextStep, type PhishableWay } from '../../views/account/overview.ts'
import { appsOf } from './apps.ts'
import { isUnproven, refOf } from './identifiers.ts'
import { places } from './passkeys.ts'
import { pageOf, type AccountPage, type Visitor } from './session.ts'

/** "Your account": what opens it, and the one thing that would help most. */
export const overview: AccountPage = {
  path: '/',
  async show(visitor) {
    const { account, deps, ctx } = visitor
    const { methods } = deps.config.verification
    const [passkeys, sessions, apps, page] = await Promise.all([deps.passkeys.listFor(account), deps.revocation.listSessions(account.id), appsOf(visitor), pageOf(visitor)])
    const codes = methods.includes('recovery_code') ? account.factors?.recovery_codes?.left : undefined
    sendPage(
      ctx,
      overviewPage(page, {
        passkeys: passkeys.length,
        ...(codes !== undefined && { codes }),
        phishable: methodsOf(account, methods).filter(isPhishable),
        sessions: sessions.length,
        apps: apps.length,
        next: nextStep(visitor, passkeys.length, codes ?? 0),
      }),
    )
  },
}

/** A link is in the mail of a code. */
const isPhishable = (method: string): method is PhishableWay => method === 'email_otp' || method === 'sms_otp' || method === 'totp'

/** In the order of what would keep people out first. */
export function nextStep(visitor: Visitor, passkeys: number, codes: number): NextStep {
  const { account, deps } = visitor
  const unproven = account.identifiers.find((entry) => entry.kind !== 'username' && isUnproven(entry))
  if (unproven && unproven.kind !== 'username') return { do: 'confirm', kind: unproven.kind, ref: refOf(unproven) }
  const canAdd = places(visitor).length > 0
  if (passkeys === 0 && canAdd) return { do: 'first_passkey' }
  if (passkeys < 2 && codes === 0) {
    const canMakeCodes = deps.config.verification.methods.includes('recovery_code')
    if (canAdd) return { do: 'second_passkey', codes: canMakeCodes }
    if (canMakeCodes) return { do: 'make_codes' }
  }
  // Nothing else helps whoever loses all passkeys at once.
  if (account.passkeysOnlySince !== undefined && codes === 0 && deps.config.verification.methods.includes('recovery_code')) return { do: 'make_codes' }
  return { do: 'nothing' }
}
