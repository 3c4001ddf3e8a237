import type { Context } from '../http/context.ts'
import { readReport } from '../passkeys/index.ts'
import type { LoginDeps } from './flow.ts'

/**
 * What script tells of a passkey dialog that no form tells of: it opened, or ended without one. Kept for operators and
 * for nothing else. Whoever sends it waits for no answer: it is the same whether there was room for it or not.
 */
export async function passkeyReport(ctx: Context, deps: LoginDeps): Promise<void> {
  const { cid, app } = await deps.interactions.read(ctx)
  const report = readReport(ctx.state.json)
  const source = { scope: cid, clientId: app.id, deviceHash: ctx.state.device.hash, userAgent: ctx.get('user-agent'), reference: ctx.state.reference }
  const kept = (await deps.eventThrottle.allows(ctx, 'passkey_report')) && (await deps.reports.receive(report, source))
  if (!kept) deps.metrics.passkeyReportDropped()
  ctx.status = 204
}
