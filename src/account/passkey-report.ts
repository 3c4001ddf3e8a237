import { readReport } from '../passkeys/index.ts'
import { sourceOf } from './ceremony.ts'
import { checkPost, type Visitor } from './session.ts'

/** What script tells of a dialog that no form tells of; the answer is the same whether there was room for it or not. @throws AppError `csrf` | `bad_request` */
export async function receiveReport(visitor: Visitor): Promise<void> {
  const { ctx, deps, account, session } = visitor
  checkPost(visitor)
  const report = readReport(ctx.state.json)
  const kept = (await deps.eventThrottle.allows(ctx, 'passkey_report')) && (await deps.reports.receive(report, { scope: session.uid, ...sourceOf(ctx, account) }))
  if (!kept) deps.metrics.passkeyReportDropped()
  ctx.status = 204
}
