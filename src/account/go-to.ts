import { redirect } from '../http/reply.ts'
import type { Visitor } from './session.ts'

/** To another page of the account; also after a form, since the chain stays on our own origin. */
export const goTo = ({ ctx }: Visitor, path: string): void => redirect(ctx, path)
