import { AppError, type ErrorCode } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { redirect, sendPage } from '../http/reply.ts'
import type { AppInfo } from '../oidc/types.ts'
import { hashId } from '../secrets/keyring.ts'
import { emailLinkPage } from '../../views/login/email-link.ts'
import { emailLinkUsedPage } from '../../views/login/email-link-used.ts'
import { type CodeScreen, createCodeScreen, destinationOf, proven, purposeOf, showCode } from './code-screen.ts'
import { openFlow, type Flow, type LoginDeps, urlOf } from './flow.ts'
import { ofApp } from './of-app.ts'
import { traces } from './traces.ts'

/** 32 random bytes in base64url */
export const ticketPattern = /^[\w-]{43}$/

const screen: CodeScreen = {
  step: 'email_link',
  drawSent: emailLinkPage,
  async submit(flow, { ticket }) {
    if (ticket === undefined) return false
    await press(flow, ticket)
    return true
  },
}

/** "We sent a link": it is pressed on a page of its own and posted here, where the browser shows that the sign-in is its own. */
export const emailLink = createCodeScreen(screen)

/** The button of a link's page. A link of another address than the one that is meant now is worth nothing. */
async function press(flow: Flow, ticket: string): Promise<void> {
  const { deps, request, ctx } = flow
  await deps.throttle.spend(ctx, 'code_typed')
  const { links } = deps.verification
  const view = ticketPattern.test(ticket) ? await links.look(ticket) : undefined
  const destination = destinationOf(flow, 'email_link')
  const isMeant = view?.cid === request.cid && view.purpose === purposeOf(flow) && destination?.kind === 'email' && destination.value === view.email
  const result = isMeant ? await links.press(ticket, { cid: request.cid, deviceHash: ctx.state.device.hash }) : ({ ok: false, reason: 'gone' } as const)
  deps.metrics.codeChecked(result.ok ? 'ok' : result.reason)
  if (!result.ok) {
    await deps.audit.record('sign_in.failed', traces(flow), { method: 'email_link', reason: result.reason })
    return showCode(flow, screen, { error: result.reason === 'budget' ? { kind: 'budget', retryAfter: result.retryAfter } : { kind: 'link_gone' } })
  }
  await notePress(flow)
  await proven(flow, screen, result)
}

/** What the tab that waits finds, also when nothing else is left of the sign-in. */
type Pressed = { deviceHash: string; app: { [Field in keyof AppInfo]: AppInfo[Field] } }
const pressedKey = (uid: string): string => `link-pressed:${hashId(uid)}`

const notePress = ({ deps, request: { uid, app, expiresAt }, ctx }: Flow): Promise<void> =>
  deps.storage.ephemeral.set<Pressed>(pressedKey(uid), { deviceHash: ctx.state.device.hash, app }, expiresAt)

/** The sign-in is given up: the tab that waited is not told that somebody is signed in. */
export async function forgetPress({ deps, request }: Flow): Promise<void> {
  await deps.storage.ephemeral.take(pressedKey(request.uid))
}

async function pressedHere(ctx: Context, deps: LoginDeps): Promise<Pressed | undefined> {
  const pressed = await deps.storage.ephemeral.get<Pressed>(pressedKey(uidOf(ctx)))
  return pressed?.deviceHash === ctx.state.device.hash ? pressed : undefined
}

const uidOf = (ctx: Context): string => (ctx as Context & { params: { uid: string } }).params.uid

const over = new Set<ErrorCode>(['cookie_missing', 'interaction_expired', 'interaction_finished', 'interaction_elsewhere', 'account_off'])

/** What the waiting tab asks every few seconds: whether it still has something to wait for, and nothing about anybody. */
export async function linkStatus(ctx: Context, deps: LoginDeps): Promise<void> {
  ctx.body = { state: await stateHere(ctx, deps) }
}

async function stateHere(ctx: Context, deps: LoginDeps): Promise<'waiting' | 'used' | 'gone'> {
  if (await pressedHere(ctx, deps)) return 'used'
  try {
    const flow = await openFlow(ctx, deps)
    return await deps.verification.links.state({ cid: flow.request.cid, purpose: purposeOf(flow) })
  } catch (error) {
    if (error instanceof AppError && over.has(error.code)) return 'gone'
    throw error
  }
}

/** "You went on in another tab", or back to the screen that waits. */
export async function checkLink(ctx: Context, deps: LoginDeps): Promise<void> {
  const pressed = await pressedHere(ctx, deps)
  if (!pressed) return redirect(ctx, `${urlOf(await openFlow(ctx, deps))}?waiting`)
  const finished = await isOver(ctx, deps)
  sendPage(ctx, emailLinkUsedPage(ctx.state.page({ base: `/interaction/${uidOf(ctx)}`, ...ofApp(pressed.app) }), { finished }))
}

async function isOver(ctx: Context, deps: LoginDeps): Promise<boolean> {
  try {
    return (await deps.interactions.read(ctx)).finishedUrl !== undefined
  } catch (error) {
    if (error instanceof AppError && over.has(error.code)) return true
    throw error
  }
}
