import type { Config } from '../config/schema.ts'
import type { Context, Middleware } from './context.ts'

const policyParts = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
}

function contentSecurityPolicy(without?: keyof typeof policyParts): string {
  return Object.entries(policyParts)
    .filter(([name]) => name !== without)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}

const policy = contentSecurityPolicy()
const policyWithoutFormAction = contentSecurityPolicy('form-action')

/**
 * The same headers on every answer, pages or not: one rule, nothing to forget. No Cross-Origin-Opener-Policy: apps that
 * sign in by a popup hear the result through `window.opener`, which it would cut for good; what it would protect, our
 * pages protect by never opening or messaging another window.
 */
export function securityHeaders(config: Pick<Config, 'issuer'>): Middleware {
  const headers: Record<string, string> = {
    'Content-Security-Policy': policy,
    'Permissions-Policy':
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=(), payment=()',
    // Not `no-referrer`: that makes browsers send `Origin: null` with our own forms.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
    ...(config.issuer.startsWith('https:') && { 'Strict-Transport-Security': 'max-age=31536000' }),
  }
  return async function securityHeaders(ctx, next) {
    ctx.set(headers)
    await next()
  }
}

/** Only for the page that posts an authorization response to the app (`response_mode=form_post`). */
export function allowForeignFormAction(ctx: Context): void {
  ctx.set('Content-Security-Policy', policyWithoutFormAction)
}
