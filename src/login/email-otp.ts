import { emailOtpPage } from '../../views/login/email-otp.ts'
import { countSend, createCodeScreen, noteWeaker, startCode, startMethod } from './code-screen.ts'
import type { Flow } from './flow.ts'

/** "Check your email", during sign-up "Confirm your email": the code that was sent by mail. */
export const emailOtp = createCodeScreen({ step: 'email_otp', drawSent: emailOtpPage })

/** Picks codes by email and makes sure that one is under way. */
export const start = (flow: Flow): Promise<void> => startMethod(flow, 'email_otp')

/** Sends one, unless one went out a moment ago. */
export const startEmailCode = (flow: Flow, options?: { counted?: boolean }): Promise<void> => startCode(flow, 'email_otp', options)

export { countSend, noteWeaker }
