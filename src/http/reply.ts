import type { Context } from './context.ts'

/** A whole document as text, or a view's markup, which gets its doctype here. */
export type Html = string | { toString(): string }

/**
 * Answers with one of our pages. Pages are not compressed: one fits into the first congestion window, so nothing is won
 * on the wire, and a length that depends on a form token next to what was typed is what BREACH reads.
 */
export function sendPage(ctx: Context, html: Html, status = 200): void {
  ctx.status = status
  ctx.type = 'text/html; charset=utf-8'
  ctx.set('Cache-Control', 'no-store')
  ctx.body = typeof html === 'string' ? html : `<!doctype html>\n${html.toString()}`
}

/**
 * Sends the browser on with a 200 page: browsers check `form-action` along the whole redirect chain that follows a form
 * POST, the app's own redirects too. `page` shows the same address as a link.
 */
export function handOver(ctx: Context, { url, page }: { url: string; page: Html }): void {
  sendPage(ctx, page)
  ctx.set('Refresh', `0;url=${url.replace(/[^\x21-\x7e]/g, encodeURIComponent)}`)
}

/** Text to be kept; `name` is ours, in ASCII. */
export function sendFile(ctx: Context, name: string, text: string, type = 'text/plain; charset=utf-8'): void {
  ctx.status = 200
  ctx.type = type
  ctx.set('Cache-Control', 'no-store')
  ctx.set('Content-Disposition', `attachment; filename="${name}"`)
  ctx.body = text
}

/** To another page of ours, by GET. After a form POST only where the chain provably stays on our own origin. */
export function redirect(ctx: Context, url: string): void {
  ctx.status = 303
  ctx.set('Cache-Control', 'no-store')
  ctx.set('Location', url)
}
