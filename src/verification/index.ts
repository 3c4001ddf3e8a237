import type { OtherMethod } from '../policy/types.ts'
import { createBudgets } from './budgets.ts'
import { createLinks, emailLink } from './email-link.ts'
import { createEmailCodes, emailOtp } from './email-otp.ts'
import type { VerificationMethod } from './method.ts'
import { createRecoveryCodes, type RecoveryCodes } from './recovery-codes.ts'
import { createSmsCodes, smsOtp } from './sms-otp.ts'
import { createLinkTickets } from './tickets.ts'
import { createTotp, type TotpSetUp } from './totp.ts'
import type { Links, Unreachable, VerificationDeps } from './types.ts'

export { createBudget } from './budget.ts'
export type * from './method.ts'
export type { CodeMailProps, CodeMails, CodeTextProps, Links, LinkView, Mail, VerificationDeps } from './types.ts'
export type { RecoveryCodes } from './recovery-codes.ts'
export type { TotpSetUp } from './totp.ts'

/** Every way to prove control that is no passkey. */
export interface Verification extends Unreachable {
  methods: Record<OtherMethod, VerificationMethod>
  links: Links
  totp: TotpSetUp
  recoveryCodes: RecoveryCodes
}

export function createVerification(deps: VerificationDeps): Verification {
  const { storage, keyring } = deps
  const budgets = createBudgets({ ...storage, keyring })
  const tickets = createLinkTickets(deps)
  const emailCodes = createEmailCodes(deps, budgets, tickets)
  const smsCodes = createSmsCodes(deps, budgets)
  const totp = createTotp({ ...deps, budgets })
  const recoveryCodes = createRecoveryCodes({ ...deps, budgets })

  return {
    methods: {
      email_otp: emailOtp(emailCodes),
      email_link: emailLink(emailCodes),
      sms_otp: smsOtp(smsCodes),
      totp,
      recovery_code: recoveryCodes,
    },
    links: createLinks(deps, budgets, tickets),
    totp,
    recoveryCodes,
    isUnreachable: (recipient) => (recipient.kind === 'phone' ? smsCodes : emailCodes).isUnreachable(recipient),
  }
}
