import type { Context } from '../http/context.ts'
import { placeInWords } from '../http/place.ts'
import { describeUserAgent, isPhone } from '../passkeys/index.ts'

/** What the requests of these pages say of the browser, signed in or by a link. */
type Seen = { ctx: Context }

export const userAgentOf = ({ ctx }: Seen) => describeUserAgent(ctx.get('user-agent'))

/** A phone or tablet: the device whose passkeys others reach by a QR code. */
export const isOnPhone = (seen: Seen): boolean => isPhone(userAgentOf(seen).platform)

/** What a notice says of where it happened. `now`: ms */
export const noticeContext = ({ ctx, now }: Seen & { now: number }) => ({ at: now, device: userAgentOf({ ctx }).label, ...placeInWords(ctx) })
