import { userAgentOf } from './browser.ts'
import type { Flow } from './flow.ts'

/** What an audit record says of where it happened. */
export const traces = (flow: Flow) => ({
  ...(flow.account && { accountId: flow.account.id }),
  clientId: flow.request.app.id,
  deviceHash: flow.ctx.state.device.hash,
  userAgent: userAgentOf(flow).label,
})

/** What a notice says of where it happened. */
export function noticeContext(flow: Flow) {
  const { country, city } = flow.ctx.state.place ?? {}
  const place = { ...(country !== undefined && { country }), ...(city !== undefined && { city }) }
  return { at: flow.now, device: userAgentOf(flow).label, ...(country !== undefined || city !== undefined ? { place } : {}) }
}

/** What a change says of where it was made. */
export const madeHere = (flow: Flow) => ({ deviceHash: flow.ctx.state.device.hash, userAgent: userAgentOf(flow).label })
