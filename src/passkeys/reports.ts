import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { Clock, Ephemeral } from '../storage/types.ts'
import type { Ceremony, CeremonyLog } from './ceremonies.ts'
import { reasonOfError } from './not-created.ts'
import { ceremonyIdPattern, dialogFailure, errorName, longestDialog, mediations } from './told.ts'

/** What a page tells of a dialog that no form tells of. Nothing in it is of a person, and everything in it may be made up. */
const schema = z.strictObject({
  ceremony: z.enum(['get', 'create']),
  mediation: z.enum(mediations),
  outcome: z.enum(['started', 'failed', 'signal_failed']),
  id: z.string().regex(ceremonyIdPattern),
  error: z.string().max(64).transform(errorName).optional(),
  elapsed: z.number().min(0).max(longestDialog).transform(Math.round).optional(),
  capabilities: z
    .strictObject({
      script: z.boolean(), webauthn: z.boolean(), platform: z.boolean(), conditional: z.boolean(), immediate: z.boolean(), hybrid: z.boolean(),
      conditionalCreate: z.boolean(), signal: z.boolean(),
    })
    .partial()
    .optional(),
})

export type Report = z.infer<typeof schema>

/** Where a report comes from, as the server itself knows it. `scope`: the login or session that its token belongs to. */
export type ReportSource = { scope: string } & Pick<Ceremony, 'accountId' | 'clientId' | 'deviceHash' | 'userAgent' | 'reference'>

export interface Reports {
  /** counts, logs and stores it, unless that login or session has told enough; resolves to whether it did */
  receive(report: Report, source: ReportSource): Promise<boolean>
}

/** reports of one login or session that are kept in an hour: a page that is pressed and pressed again sends a dozen */
const limit = 50
const window = 3_600_000

/** @throws AppError `bad_request`: our own pages send none like that */
export function readReport(value: unknown): Report {
  const { success, data } = schema.safeParse(value)
  if (!success) throw new AppError('bad_request', 'a passkey report of another shape')
  return data
}

/**
 * Nothing of a report decides anything: whoever holds a page can make one up. It goes to the log, the metrics and the
 * stored events, and to nothing that signs in, counts a guess, or says who has an account.
 */
export function createReports({ ephemeral, clock, ceremonies }: { ephemeral: Pick<Ephemeral, 'update'>; clock: Clock; ceremonies: CeremonyLog }): Reports {
  /** The count begins with the first one and ends with the hour. */
  function hasRoom(scope: string): Promise<boolean> {
    const now = clock.now()
    return ephemeral.update<{ count: number; until: number }, boolean>(`passkey reports:${scope}`, (current) => {
      const open = current !== undefined && current.until > now ? current : { count: 0, until: now + window }
      if (open.count >= limit) return { next: 'keep', result: false }
      return { next: { value: { count: open.count + 1, until: open.until }, expiresAt: open.until }, result: true }
    })
  }

  return {
    async receive({ id, outcome, ceremony, mediation, error, elapsed, capabilities }, { scope, ...source }) {
      if (!(await hasRoom(scope))) return false
      await ceremonies.record({
        ...source,
        ceremony,
        mediation,
        outcome: outcome !== 'failed' ? outcome : ceremony === 'get' ? dialogFailure(error, elapsed) : reasonOfError(error, undefined),
        ceremonyId: id,
        ...(error !== undefined && { error }),
        ...(elapsed !== undefined && { elapsed }),
        ...(capabilities && { capabilities }),
      })
      return true
    },
  }
}
