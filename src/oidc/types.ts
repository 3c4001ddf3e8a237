/** What the engine's edge offers to the rest, and what it needs of it. No koa page, no view: pages arrive as functions that return HTML. */
import type Provider from 'oidc-provider'
import type { Context } from 'koa'
import type { ClientConfig } from '../config/schema.ts'
import type { Requirement } from '../policy/assurance.ts'
import type { Proof } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import type { ErrorCode } from '../errors.ts'

/** What pages show of a client. */
export interface AppInfo {
  id: string
  name: string
  homeUrl?: string
  /** where a login can be started again */
  startUrl?: string
  policyUrl?: string
  termsUrl?: string
  accent?: string
}

/** What the store knows a request's browser by; undefined when it was never at a login page. */
export type BrowserOf = (ctx: Pick<Context, 'cookies'>) => string | undefined

/** Whether the operator's rules keep a live session out of the app that asks for it: they want more, or say no. */
export type SessionStops = (ctx: Context, session: { accountId: string; clientId: string; proofs: Proof[] }) => Promise<boolean>

/** The browser of a sign-out is to know nothing of the account any more. */
export type ForgetDevice = (ctx: Pick<Context, 'cookies'>, accountId: string) => Promise<void>

/** Every page that the engine would draw itself. Each returns a whole HTML document. */
export interface EnginePages {
  /** RP-initiated logout: ask. The form posts `xsrf`, `logout=yes` (no `logout` = stay signed in at Latchkey) and with it, if ticked, `forget=1`. */
  logout(ctx: Context, input: { form: { action: string; xsrf: string }; apps: string[]; app?: AppInfo }): string | Promise<string>
  loggedOut(ctx: Context, input: { app?: AppInfo; failedApps: string[] }): string | Promise<string>
  error(ctx: Context, error: EngineError): string | Promise<string>
  /** to a URL (`Refresh: 0` is set here), or by a form that the person or a script submits (account switch, `form_post`) */
  handOver(ctx: Context, input: HandOver): string | Promise<string>
}

export interface EngineError {
  code: Extract<ErrorCode, 'client_setup' | 'interaction_expired' | 'interaction_finished' | 'store_unavailable' | 'internal'>
  /** the OAuth error, e.g. `invalid_redirect_uri` */
  oauthError: string
  description?: string
  app?: AppInfo
}

export interface HandOver {
  url?: string
  form?: { action: string; fields: Record<string, string> }
  app?: AppInfo
}

export interface Interactions {
  /** @throws AppError `cookie_missing` | `interaction_expired` | `interaction_finished` | `interaction_elsewhere` (`params.clientId` when known) */
  read(ctx: Context): Promise<LoginRequest>
  /**
   * Stores the result; the URL to hand over to. Whether the account may sign in is asked again at the resume. `remember`:
   * the person stays signed in on this device, where config asks them; absent = as the session was, a new one is not kept.
   */
  finishLogin(request: LoginRequest, input: { accountId: string; proofs: Proof[]; remember?: boolean }): Promise<string>
  finishConsent(request: LoginRequest): Promise<string>
  /** the same request from its beginning, for another account; undefined where it cannot be asked again (pushed) */
  restartUrl(request: LoginRequest): string | undefined
  /** default: `access_denied` */
  abort(request: LoginRequest, error?: { error: string; error_description: string }): Promise<string>
}

/** Who is signed in in this browser, and by what that still stands. */
export interface LiveSession {
  account: Account
  uid: string
  /** at least one */
  proofs: Proof[]
}

/** undefined: nobody, or what is left of the session proves nothing. Reads, and changes nothing. */
export type SessionOf = (ctx: Pick<Context, 'cookies'>) => Promise<LiveSession | undefined>

export interface Engine {
  /** the provider is itself a Koa app: `koa.use()` runs before its own routes */
  readonly koa: Provider
  readonly interactions: Interactions
  app(clientId: string): AppInfo | undefined
  /** addresses of the engine's own pages, without the origin */
  readonly paths: { signIn: string; signOut: string }
  /** for pages of ours that are no part of an authorization request */
  readonly sessionOf: SessionOf
  /** tells apps that sessions of an account are over; resolves to the client ids of those that did not answer */
  tellApps(accountId: string, sessions: AppSession[]): Promise<string[]>
}

/** One session of an account, as one app knows it. */
export interface AppSession {
  clientId: string
  sid: string
}

/** One stop of an authorization request at our pages. */
export interface LoginRequest {
  uid: string
  /** stays the same over all stops of one authorization request */
  cid: string
  prompt: 'login' | 'consent'
  app: AppInfo
  client: ClientConfig
  /** ms since 1970 */
  startedAt: number
  expiresAt: number
  /** a result is stored already: a repeated POST just hands over again */
  finishedUrl?: string
  /** the browser's live session */
  session?: { accountId: string; uid: string; proofs: Proof[] }
  requirement: Requirement
  loginHint?: string
  uiLocales?: string[]
  /** prompt=create */
  wantsSignUp: boolean
  /** prompt=select_account: one of those who were here before, or somebody else */
  wantsChoice: boolean
  /** prompt=login: whoever is there, not only the one who is signed in */
  wantsLogin: boolean
  consent?: { scopes: string[]; resourceScopes: Record<string, string[]>; claims: string[] }
}

/** Things that happened in the engine, for audit and log. Never a token, code or session id. */
export interface EngineEvents {
  on(event: EngineEvent): void
}

export interface EngineEvent {
  type: 'refresh_token.reuse' | 'end_session.success' | 'server_error'
  clientId?: string
  accountId?: string
  /** private: for the log only */
  cause?: unknown
}

/** For the operator. */
export interface EngineLog {
  warn(detail: object, message: string): void
  error(detail: object, message: string): void
}
