import { AppError } from '../errors.ts'
import { placeName } from '../http/place.ts'
import type { CheckResult, CodeStatus, SendResult } from '../verification/index.ts'
import { lookAround } from './guard.ts'
import { userAgentOf } from './here.ts'
import { traces, type Visitor } from './session.ts'

/** What a code is sent to, normalised. */
export type CodeFor = { kind: 'email' | 'phone'; value: string }

const methodNames = { email: 'email_otp', phone: 'sms_otp' } as const

/** Codes by which somebody who is signed in shows that an address or number is theirs. */
export function codesFor(visitor: Visitor, { kind, value }: CodeFor) {
  const { ctx, deps, account, session, deviceHash } = visitor
  const method = deps.verification.methods[methodNames[kind]]
  if (!method.send) throw new AppError('internal', `nothing can be sent to a ${kind}`)
  const belongs = { cid: `account:${session.uid}`, purpose: 'confirm' as const }
  /** A browser that the account knows has guess budgets of its own. */
  async function attempt() {
    const { recognised } = await lookAround(visitor)
    return { ...belongs, typed: deps.normaliser.recipient({ kind, value }), account, ...(recognised && { recognisedDevice: deviceHash }) }
  }

  return {
    async send(): Promise<SendResult> {
      await deps.throttle.spend(ctx, 'code_sent')
      const place = placeName(ctx)
      const answer = await method.send!({
        ...(await attempt()),
        app: deps.config.theme.name,
        locale: ctx.state.locale,
        asker: userAgentOf(visitor).label,
        ...(place !== undefined && { place }),
      })
      deps.metrics.codeSent(answer.ok ? 'sent' : answer.reason)
      await (answer.ok
        ? deps.audit.record('code.sent', traces(visitor), { purpose: belongs.purpose, resent: answer.resent })
        : deps.audit.record('code.refused', traces(visitor), { purpose: belongs.purpose, reason: answer.reason }))
      return answer
    },
    async check(code: string): Promise<CheckResult> {
      await deps.throttle.spend(ctx, 'code_typed')
      const answer = await method.check({ ...(await attempt()), code })
      deps.metrics.codeChecked(answer.ok ? 'ok' : answer.reason)
      if (answer.ok) return answer
      await Promise.all([
        deps.audit.record('code.failed', traces(visitor), { purpose: belongs.purpose, reason: answer.reason }),
        // A code that ran out is nobody's guess.
        answer.reason !== 'gone' && deps.risk.noteFailure({ account, seenFrom: ctx.state.place?.seenFrom }),
      ])
      return answer
    },
    status: async (): Promise<CodeStatus | undefined> => method.status?.(belongs),
  }
}
