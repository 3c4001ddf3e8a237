import { accountClientId } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { redirect } from '../http/reply.ts'
import type { Acr } from '../policy/types.ts'
import { randomId } from '../secrets/keyring.ts'
import { signedInPath } from './client.ts'
import type { AccountDeps } from './deps.ts'

/** Where a sign-in leads back to: pages of ours. */
export interface Return {
  path: string
  /** when the person gives it up */
  otherwise: string
}

/** What has to be proven; nothing: only who it is. */
export interface Demand {
  /** nobody else will do */
  accountId: string
  /** must be reached */
  acr?: Acr
  /** seconds: how old a proof may be */
  maxAge: number
}

type Sealed = Return & { device: string }

const purpose = 'way back to the account'

/** In the address of a page that the sign-in led back to: it is not left for the same reason again. */
export const confirmed = 'confirmed'

/** To the sign-in, as any app would send people there. The way back is sealed and good in this browser alone. */
export function goToSignIn(ctx: Context, { config, keyring, engine }: AccountDeps, back: Return, demand?: Demand): void {
  const state = keyring.seal(purpose, JSON.stringify({ ...back, device: ctx.state.device.hash } satisfies Sealed))
  const claims = demand && { id_token: { sub: { value: demand.accountId }, ...(demand.acr && { acr: { essential: true, value: demand.acr } }) } }
  const parameters = new URLSearchParams({
    client_id: accountClientId,
    redirect_uri: config.issuer + signedInPath,
    response_type: 'code',
    scope: 'openid',
    state,
    // Nobody keeps what it was made of: with the unknown secret a second lock on the code.
    code_challenge: randomId(32),
    code_challenge_method: 'S256',
    ...(claims && { claims: JSON.stringify(claims) }),
    ...(demand && { max_age: String(demand.maxAge) }),
  })
  redirect(ctx, `${engine.paths.signIn}?${parameters}`)
}

/** The way back that was sealed here; undefined for anything else. */
export function readReturn(ctx: Context, { keyring }: Pick<AccountDeps, 'keyring'>): Return | undefined {
  const { state } = ctx.query
  if (typeof state !== 'string') return undefined
  try {
    const { path, otherwise, device } = JSON.parse(keyring.open(purpose, state)) as Sealed
    return device === ctx.state.device.hash ? { path, otherwise } : undefined
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
