import { placeInWords } from '../http/place.ts'
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
export const noticeContext = (flow: Flow) => ({ at: flow.now, device: userAgentOf(flow).label, ...placeInWords(flow.ctx) })

/** What a change says of where it was made. */
export const madeHere = (flow: Flow) => ({ deviceHash: flow.ctx.state.device.hash, userAgent: userAgentOf(flow).label })
