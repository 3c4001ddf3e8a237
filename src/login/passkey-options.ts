import type { PublicKeyCredentialRequestOptionsJSON } from '../passkeys/index.ts'
import { challengeSubject, type Flow } from './flow.ts'

/** The page asks once more by itself when the challenge had run out. */
export const asksAgain = (flow: Flow): boolean => flow.ctx.query.again !== undefined

/** Whatever passkey is here: for autofill and for the button, both before anybody is named. */
export const discoverableOptions = (flow: Flow): PublicKeyCredentialRequestOptionsJSON =>
  flow.deps.passkeys.authenticationOptions({ subject: challengeSubject(flow), life: flow.request.expiresAt - flow.now })

/** Narrowed to the account where it is known, or to what this browser's own record names; never more before a proof. */
export async function passkeyOptionsHere(flow: Flow, hints?: string[]): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const allow = flow.account
    ? (await flow.deps.passkeys.listFor(flow.account)).filter((known) => known.frozenAt === undefined)
    : hints === undefined
      ? flow.typedDevice?.credentialIds.map((id) => ({ id, transports: [] }))
      : undefined
  return flow.deps.passkeys.authenticationOptions({
    subject: challengeSubject(flow),
    life: flow.request.expiresAt - flow.now,
    ...(allow && allow.length > 0 && { allow }),
    ...(hints && { hints }),
  })
}
