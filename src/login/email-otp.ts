import { emailOtpPage } from '../../views/login/email-otp.ts'
import { createCodeScreen } from './code-screen.ts'

/** "Check your email", during sign-up "Confirm your email": the code that was sent by mail. */
export const emailOtp = createCodeScreen({ step: 'email_otp', drawSent: emailOtpPage })
