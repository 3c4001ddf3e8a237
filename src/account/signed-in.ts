import type { Context } from '../http/context.ts'
import { redirect } from '../http/reply.ts'
import type { AccountDeps } from './deps.ts'
import { done, findVisitor, home, sendSignedOut } from './session.ts'
import { confirmed, readReturn } from './sign-in.ts'

/**
 * Where the sign-in answers. Its code is left alone: the session says who is here and what was proven. Who comes with
 * anything but a way back that was sealed here, in this browser, is simply at the account.
 */
export async function signedIn(ctx: Context, deps: AccountDeps): Promise<void> {
  const back = readReturn(ctx, deps)
  if (!back) return redirect(ctx, home)
  if (ctx.query['error'] === undefined) return redirect(ctx, `${back.path}?${confirmed}`)
  const visitor = await findVisitor(ctx, deps)
  if (!visitor) return sendSignedOut(ctx, back.path)
  await done(visitor, 'unchanged', { path: back.otherwise })
}
