import { AppError } from '../errors.ts'
import type { OtherMethod } from '../policy/types.ts'
import { createBudgets } from './budgets.ts'
import { createEmailOtp } from './email-otp.ts'
import type { VerificationMethod } from './method.ts'
import { createRecoveryCodes, type RecoveryCodes } from './recovery-codes.ts'
import { createTotp, type TotpSetUp } from './totp.ts'
import type { Links, Unreachable, VerificationDeps } from './types.ts'

export { createBudget } from './budget.ts'
export type * from './method.ts'
export type { CodeMailProps, CodeMails, Links, LinkView, Mail, VerificationDeps } from './types.ts'
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
  const emailOtp = createEmailOtp(deps, budgets)
  const totp = createTotp({ ...deps, budgets })
  const recoveryCodes = createRecoveryCodes({ ...deps, budgets })
  const notYet = () => Promise.reject(new AppError('internal', 'not built yet'))
  const pending = { isAvailable: () => false, send: notYet, check: notYet, status: notYet }

  return {
    methods: {
      email_otp: emailOtp,
      email_link: { name: 'email_link', sendsTo: 'email', ...pending },
      sms_otp: { name: 'sms_otp', sendsTo: 'phone', ...pending },
      totp,
      recovery_code: recoveryCodes,
    },
    links: { look: notYet, press: notYet, reveal: notYet, refuse: notYet, state: notYet },
    totp,
    recoveryCodes,
    isUnreachable: emailOtp.isUnreachable,
  }
}
