import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Clock, Ephemeral } from '../storage/types.ts'
import type { Context } from './context.ts'
import { networkOf } from './network.ts'

export interface ThrottleOptions {
  /** POSTs of one kind per network and window, default 100 */
  limit?: number
  /** ms, default 10 minutes */
  window?: number
}

export interface Throttle {
  /**
   * Counts one POST of that kind from the request's network. Only for those that guess, send, or fill the audit log, so that a plain passkey
   * login costs no write. @throws AppError `throttled` with `retryAfter` (s) and `params.minutes`
   */
  spend(ctx: Context, kind: string): Promise<void>
  /** The same for what nobody waits for: false when it is one too many. */
  allows(ctx: Context, kind: string): Promise<boolean>
}

/** Fixed windows in the store, so that restarts and other processes know them too. Budgets per person are elsewhere. */
export function createThrottle(
  deps: { ephemeral: Pick<Ephemeral, 'update'>; clock: Clock; keyring: Pick<Keyring, 'hmac'>; config: Pick<Config, 'loopback'> },
  options: ThrottleOptions = {},
): Throttle {
  const { limit = 100, window = 10 * 60 * 1000 } = options

  /** When the window ends that has no room left; undefined: this one was counted. */
  async function fullUntil(ctx: Context, kind: string, now: number): Promise<number | undefined> {
    // With a loopback issuer every request comes from this machine: there is no network to tell from another.
    if (deps.config.loopback) return undefined
    const key = `throttle:${kind}:${deps.keyring.hmac('throttle', networkOf(ctx.ip))}`
    return deps.ephemeral.update<{ count: number; until: number }, number | undefined>(key, (current) => {
      const open = current !== undefined && current.until > now ? current : { count: 0, until: now + window }
      if (open.count >= limit) return { next: 'keep', result: open.until }
      return { next: { value: { count: open.count + 1, until: open.until }, expiresAt: open.until }, result: undefined }
    })
  }

  return {
    async spend(ctx, kind) {
      const now = deps.clock.now()
      const until = await fullUntil(ctx, kind, now)
      if (until === undefined) return
      const retryAfter = Math.ceil((until - now) / 1000)
      throw new AppError('throttled', `too many POSTs of kind ${kind}`, { retryAfter, params: { minutes: Math.ceil(retryAfter / 60) } })
    },
    allows: async (ctx, kind) => (await fullUntil(ctx, kind, deps.clock.now())) === undefined,
  }
}
