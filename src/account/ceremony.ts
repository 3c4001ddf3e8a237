import type { Context } from '../http/context.ts'
import { readReport, toldBy, type Ceremony } from '../passkeys/index.ts'
import type { Account } from '../storage/types.ts'
import type { AccountDeps } from './deps.ts'
import { checkPost, type Visitor } from './session.ts'

type Outcome = Pick<Ceremony, 'outcome'> & Partial<Pick<Ceremony, 'aaguid' | 'place' | 'detail'>>

const sourceOf = (ctx: Context, { id: accountId }: Account) => ({
  accountId,
  deviceHash: ctx.state.device.hash,
  userAgent: ctx.get('user-agent'),
  reference: ctx.state.reference,
})

/** What became of making a passkey on these pages, for operators; never rejects. What fails is counted each time, and so many times kept. */
export async function noteCreation({ ctx, deps }: { ctx: Context; deps: AccountDeps }, account: Account, outcome: Outcome): Promise<void> {
  const keep = outcome.outcome === 'ok' || (await deps.eventThrottle.allows(ctx, 'passkey_event').catch(() => false))
  await deps.ceremonies.record({ ...sourceOf(ctx, account), ...toldBy(ctx.state.body), ceremony: 'create', ...outcome }, { keep })
}

/** What script tells of a dialog that no form tells of; the answer is the same whether there was room for it or not. @throws AppError `csrf` | `bad_request` */
export async function receiveReport(visitor: Visitor): Promise<void> {
  const { ctx, deps, account, session } = visitor
  checkPost(visitor)
  const report = readReport(ctx.state.json)
  const kept = (await deps.eventThrottle.allows(ctx, 'passkey_report')) && (await deps.reports.receive(report, { scope: session.uid, ...sourceOf(ctx, account) }))
  if (!kept) deps.metrics.passkeyReportDropped()
  ctx.status = 204
}
