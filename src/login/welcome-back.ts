import { readable } from '../accounts/readable.ts'
import { sendPage } from '../http/reply.ts'
import { welcomeBackPage } from '../../views/login/welcome-back.ts'
import { pageOf, type Flow } from './flow.ts'
import type { Typed } from './state.ts'
import { signInKinds } from './ways.ts'

/** Who signed in here before and wanted it kept; nobody once something else is wanted, or the app names somebody. */
export function rowsHere(flow: Flow, typed: Record<string, string>): Typed[] {
  const { state, request, deps, ctx } = flow
  const named = state.identifier !== undefined || state.typed !== undefined || typed.identifier !== undefined
  const hinted = request.loginHint !== undefined && !request.wantsChoice
  if (state.another || state.notice || named || hinted) return []
  return deps.remembered.list(ctx).filter(({ kind }) => signInKinds(flow).includes(kind))
}

/** "Welcome back": a list of what was typed in this browser. Whether there are accounts is not looked up. */
export function showWelcomeBack(flow: Flow, rows: Typed[]): void {
  sendPage(flow.ctx, welcomeBackPage(pageOf(flow), { rows: rows.map(readable), forgotten: flow.ctx.query.forgotten !== undefined }))
}
