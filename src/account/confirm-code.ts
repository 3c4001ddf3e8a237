import { AppError } from '../errors.ts'
import { placeInWords } from '../http/place.ts'
import type { CheckResult, CodeStatus, SendResult } from '../verification/index.ts'
import { traces, userAgentOf, type Visitor } from './session.ts'

/** What a code is sent to, normalised. */
export type CodeFor = { kind: 'email' | 'phone'; value: string }

const methodNames = { email: 'email_otp', phone: 'sms_otp' } as const

/** Codes by which somebody who is signed in shows that an address or number is theirs. */
export function codesFor(visitor: Visitor, { kind, value }: CodeFor) {
  const { ctx, deps, account, session } = visitor
  const method = deps.verification.methods[methodNames[kind]]
  if (!method.send) throw new AppError('internal', `nothing can be sent to a ${kind}`)
  const attempt = { cid: `account:${session.uid}`, purpose: 'confirm' as const, typed: deps.normaliser.recipient({ kind, value }), account }

  return {
    async send(): Promise<SendResult> {
      await deps.throttle.spend(ctx, 'code_sent')
      const { place } = placeInWords(ctx)
      const where = place?.city ?? place?.country
      const answer = await method.send!({
        ...attempt,
        app: deps.config.theme.name,
        locale: ctx.state.locale,
        asker: userAgentOf(visitor).label,
        ...(where !== undefined && { place: where }),
      })
      deps.metrics.codeSent(answer.ok ? 'sent' : answer.reason)
      await (answer.ok
        ? deps.audit.record('code.sent', traces(visitor), { purpose: attempt.purpose, resent: answer.resent })
        : deps.audit.record('code.refused', traces(visitor), { purpose: attempt.purpose, reason: answer.reason }))
      return answer
    },
    async check(code: string): Promise<CheckResult> {
      await deps.throttle.spend(ctx, 'code_typed')
      const answer = await method.check({ ...attempt, code })
      deps.metrics.codeChecked(answer.ok ? 'ok' : answer.reason)
      return answer
    },
    status: async (): Promise<CodeStatus | undefined> => method.status?.(attempt),
  }
}
