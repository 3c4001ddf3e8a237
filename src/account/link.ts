import { AppError } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { rememberLocale } from '../http/locale.ts'
import { redirect, sendPage } from '../http/reply.ts'
import { hashId } from '../secrets/keyring.ts'
import type { PageContext } from '../../views/page.ts'
import { type GoOn, type Message, messagePage } from '../../views/account/message.ts'
import type { AccountDeps } from './deps.ts'

/** One request to the page of a link. */
export interface Visit {
  readonly ctx: Context
  readonly deps: AccountDeps
  /** what the link ends in; may be anything */
  readonly ticket: string
  /** of the page, and of everything that its forms post to */
  readonly base: string
  /** ms, one reading for the whole request */
  readonly now: number
}

const ticketPattern = /^[\w-]{43}$/

/** The ticket where it has the form of one: anything else needs no look into the store. */
export const wellFormed = ({ ticket }: Visit): boolean => ticketPattern.test(ticket)

/** Names the link in the store, in CSRF tokens and in challenges, and opens nothing. */
export const nameOf = ({ ticket }: Visit): string => hashId(ticket)

export function pageOf({ ctx, deps, base }: Visit, csrfBinding: string, more: Partial<PageContext> = {}): PageContext {
  return ctx.state.page({ base, path: base, csrf: deps.csrf.token(csrfBinding), ...more })
}

/** Every POST of these pages. What refuses it leads back to the page, which is fetched anew. @throws AppError `csrf` */
export function checkPost({ ctx, deps, base }: Visit, csrfBinding: string): void {
  try {
    deps.csrf.check(ctx, csrfBinding)
  } catch (error) {
    throw error instanceof AppError ? new AppError(error.code, error.message, { params: { continueUrl: base } }) : error
  }
}

/** The same page in another language. */
export async function changeLanguage({ ctx, deps, base }: Visit): Promise<void> {
  rememberLocale(ctx, deps.config, ctx.state.body.locale ?? '')
  redirect(ctx, base)
}

/** entries of the audit log */
const recent = 50

/** as many apps as a page can offer */
const several = 8

/**
 * The app to go on to: the one where the account signed in last, else the only one that there is, else a choice of the
 * operator's own. `accountId` only where the visitor may know about the account, and so about the apps.
 */
export async function nextApp({ deps }: Visit, accountId?: string): Promise<{ next?: GoOn } & Pick<PageContext, 'app'>> {
  const { config, engine, storage } = deps
  const entries = accountId === undefined ? [] : await storage.audit.query({ accountId, limit: recent })
  const last = entries.find(({ type, clientId }) => type === 'sign_in' && clientId !== undefined)?.clientId
  const all = config.clients.filter(({ client_id }) => engine.app(client_id)?.startUrl !== undefined)
  const app = engine.app(last ?? '') ?? (all.length === 1 ? engine.app(all[0]?.client_id ?? '') : undefined)
  if (app?.startUrl !== undefined) return { app, next: { kind: 'app', url: app.startUrl } }
  if (accountId === undefined) return {}
  const own = all.filter(({ latchkey }) => latchkey.firstParty)
  const choice = (own.length > 0 ? own : all).flatMap(({ client_id }) => {
    const { name, startUrl } = engine.app(client_id) ?? {}
    return name === undefined || startUrl === undefined ? [] : [{ name, url: startUrl }]
  })
  return choice.length === 0 ? {} : { next: { kind: 'apps', apps: choice.slice(0, several) } }
}

const helped = new Set<Message>(['enrol_gone', 'enrol_elsewhere'])
const signIn = new Set<Message>(['not_me_gone', 'not_me_decided', 'enrol_used', 'enrol_frozen'])

/** A link that does nothing (more): why, and the way on. */
export async function sendMessage(visit: Visit, message: Message, status: number): Promise<void> {
  const { ctx, deps } = visit
  const { help } = deps.config.theme
  const { app, next } = signIn.has(message) ? await nextApp(visit) : {}
  const way: GoOn | undefined = helped.has(message) && help !== undefined ? { kind: 'help', url: help } : next
  sendPage(ctx, messagePage(ctx.state.page({ ...(app && { app }) }), { message, ...(way && { next: way }) }), status)
}
