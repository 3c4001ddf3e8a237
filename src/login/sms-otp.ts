import { smsOtpPage } from '../../views/login/sms-otp.ts'
import { createCodeScreen } from './code-screen.ts'

/** "Check your phone": the code that came as a text message. */
export const smsOtp = createCodeScreen({ step: 'sms_otp', drawSent: smsOtpPage })
