import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import { equalSecrets, type Keyring } from '../secrets/keyring.ts'
import type { Context, Middleware } from './context.ts'

export interface Csrf {
  /** the form's token; `binding` is what the browser proves by cookie: the uid of an interaction or of a session */
  token(binding: string): string
  /** for POSTs: origin, then the token from the field `csrf` or the header `X-CSRF-Token`. @throws AppError `csrf` */
  check(ctx: Context, binding: string): void
}

/**
 * What browsers themselves say about who sent a request. Requests without either header (old browsers, programs) rest
 * on the token alone. @throws AppError `csrf`
 */
function checkOrigin(ctx: Context, issuer: string): void {
  const origin = ctx.headers.origin
  if (origin !== undefined && origin !== issuer) throw new AppError('csrf', 'sent from a foreign origin')
  const site = ctx.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') throw new AppError('csrf', 'Sec-Fetch-Site is not same-origin')
}

export function createCsrf({ keyring, config }: { keyring: Pick<Keyring, 'hmac'>; config: Pick<Config, 'issuer'> }): Csrf {
  const token = (binding: string) => keyring.hmac('csrf', binding)
  return {
    token,
    check(ctx, binding) {
      checkOrigin(ctx, config.issuer)
      const sent = ctx.state.body['csrf'] ?? ctx.get('X-CSRF-Token')
      if (!equalSecrets(sent, token(binding))) throw new AppError('csrf', sent === '' ? 'token missing' : 'token wrong')
    },
  }
}

/** For POSTs outside a login whose cookie alone is not enough of a sign: only our own pages may send them. */
export function sameOrigin(config: Pick<Config, 'issuer'>): Middleware {
  return async function sameOrigin(ctx, next) {
    if (ctx.method === 'POST') checkOrigin(ctx, config.issuer)
    await next()
  }
}
