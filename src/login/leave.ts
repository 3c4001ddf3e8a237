import { handOver, redirect } from '../http/reply.ts'
import { handOverPage } from '../../views/login/hand-over.ts'
import { pageOf, type Flow } from './flow.ts'

/** Out of our pages. A POST never redirects on to the engine's resume route (browsers check `form-action` along the whole chain). */
export function leave(flow: Flow, url: string): void {
  if (flow.ctx.method === 'POST') return handOver(flow.ctx, { url, page: handOverPage(pageOf(flow), { url }) })
  redirect(flow.ctx, url)
}
