import type { Budgets } from './budgets.ts'
import { createSentCodes, type SentCodes } from './codes.ts'
import type { VerificationMethod } from './method.ts'
import type { VerificationDeps } from './types.ts'

/** Codes by text message. */
export function createSmsCodes(deps: VerificationDeps, budgets: Budgets): SentCodes {
  const { life } = deps.config.verification.code
  return createSentCodes(deps, budgets, {
    kind: 'phone',
    // a number that nobody can have (ITU-T E.164 gives no country code 999)
    nobody: '+999000000000',
    // Signing in sends nothing to a number without an account: that one arrived nowhere would tell who has one.
    tellsRefusal: (purpose) => purpose !== 'sign_in',
    carriesLink: () => false,
    async deliver({ input: { app, locale }, code }, to, handling) {
      await deps.outbox.enqueueText({ to, text: deps.texts.code({ code, app, life, locale }), ...handling })
    },
  })
}

export function smsOtp({ send, check, status }: SentCodes): VerificationMethod {
  return { name: 'sms_otp', sendsTo: 'phone', send, check, status }
}
