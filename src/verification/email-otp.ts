import type { Budgets } from './budgets.ts'
import { createSentCodes, type SentCodes } from './codes.ts'
import type { SendInput, VerificationMethod } from './method.ts'
import type { LinkTickets } from './tickets.ts'
import type { VerificationDeps } from './types.ts'

/** What a mail carries: the ways by mail that the server has and the app takes, and a code where neither is among them. */
function carried({ methods: all }: VerificationDeps['config']['verification'], { interaction, methods = all }: SendInput): { code: boolean; link: boolean } {
  const takes = (method: 'email_otp' | 'email_link') => all.includes(method) && methods.includes(method)
  const link = takes('email_link') && interaction !== undefined
  return { link, code: takes('email_otp') || !link }
}

/** Codes by mail, and the mails that links are in: one mail, one record and one budget for both. */
export function createEmailCodes(deps: VerificationDeps, budgets: Budgets, tickets: LinkTickets): SentCodes {
  const { config: { issuer, verification }, mails, outbox } = deps
  return createSentCodes(deps, budgets, {
    kind: 'email',
    nobody: 'nobody@example.invalid',
    tellsRefusal: () => true,
    carriesLink: (input) => carried(verification, input).link,
    announce: tickets.store,
    async deliver({ input, variant, code, at, ticket }, to, handling) {
      const { purpose, app, asker, place, locale } = input
      const carries = carried(verification, input)
      const mail = mails.code({
        variant, purpose, app, asker, locale, at,
        life: verification.code.life,
        ...(place !== undefined && { place }),
        ...(carries.code && { code }),
        ...(carries.link && { link: `${issuer}/link/${ticket}` }),
      })
      await outbox.enqueue({ ...mail, to, ...handling })
    },
  })
}

export function emailOtp({ send, check, status }: SentCodes): VerificationMethod {
  return { name: 'email_otp', sendsTo: 'email', send, check, status }
}
