/** What our middleware puts on `ctx.state`, and the context type that every face uses. */
import type Koa from 'koa'
import type { Locale } from '../config/schema.ts'
import type { PageContext } from '../../views/page.ts'

export interface DeviceCookie {
  /** `hashId` of the cookie's value: what the store knows this browser by */
  hash: string
}

/** Where a request comes from. Country and city only as a configured proxy says them. */
export interface Place {
  /** ISO 3166 code */
  country?: string
  /** as people write it */
  city?: string
  /** what browsers' records are compared by: a keyed hash of the network, and the country or XX where the proxy knows none */
  seenFrom: { network: string; country?: string }
}

export interface State {
  /** names this request in the log and on error pages: `7F3K-2Q9D` */
  reference: string
  locale: Locale
  /** only behind `place()` */
  place?: Place
  /** only behind `device()` */
  device: DeviceCookie
  /** what a view needs besides its props; set by the application */
  page(extra?: Partial<PageContext> & { accent?: string }): PageContext
  /** the form's or JSON object's text fields; only behind `body()` */
  body: Record<string, string>
  /** a JSON body as it came, unchecked; only behind `body()` */
  json?: unknown
  /** names the route in log and metrics where no router does, e.g. `/assets/:file` */
  route?: string
}

export type Context = Koa.ParameterizedContext<State>
export type Middleware = Koa.Middleware<State>

/** Route pattern for log and metrics: never the path, which may carry a ticket or an interaction id. */
export function routeOf(ctx: Context): string {
  // Our router and the engine's leave the pattern at the same place.
  const { _matchedRoute: matched } = ctx as { _matchedRoute?: unknown }
  return ctx.state.route ?? (typeof matched === 'string' ? matched : 'none')
}
