import { accountExists } from './account-exists.ts'
import { blocked } from './blocked.ts'
import { claim } from './claim.ts'
import { confirm } from './confirm.ts'
import { consent } from './consent.ts'
import { createAccount } from './create-account.ts'
import { emailLink } from './email-link.ts'
import { emailOtp } from './email-otp.ts'
import type { Screen } from './flow.ts'
import { freezeNotice } from './freeze-notice.ts'
import { help } from './help.ts'
import { identifier } from './identifier.ts'
import { methods } from './methods.ts'
import { otherDevice } from './other-device.ts'
import { passkeyCreate } from './passkey-create.ts'
import { passkeyName } from './passkey-name.ts'
import { passkey } from './passkey.ts'
import { recoveryCodeUsed } from './recovery-code-used.ts'
import { recoveryCode } from './recovery-code.ts'
import { recoveryCodes } from './recovery-codes.ts'
import { recoveryNotice } from './recovery-notice.ts'
import { recovery } from './recovery.ts'
import { signUp } from './sign-up.ts'
import { smsOtp } from './sms-otp.ts'
import { stepUp } from './step-up.ts'
import { totp } from './totp.ts'
import { wrongAccount } from './wrong-account.ts'

/** Every login screen: one file, one URL segment, one view. */
export const screens: Screen[] = [
  identifier, signUp, emailOtp, emailLink, smsOtp, totp, recoveryCode, recoveryCodeUsed, passkey, methods, otherDevice, help, wrongAccount, accountExists, createAccount, claim, confirm, recoveryCodes, stepUp, blocked,
  recovery, recoveryNotice, freezeNotice, passkeyCreate, passkeyName, consent,
]
