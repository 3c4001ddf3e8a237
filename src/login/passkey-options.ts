import { passkeysAt } from '../config/for-client.ts'
import type { PublicKeyCredentialRequestOptionsJSON } from '../passkeys/index.ts'
import { isUsableHere, signInHints, transportsAsked, type Place } from '../policy/cross-device.ts'
import { challengeSubject, type Flow } from './flow.ts'
import { idsHere } from './passkey-first.ts'
import { guardAsks, offerHere } from './ways.ts'

/** The page asks once more by itself when the challenge had run out. */
export const asksAgain = (flow: Flow): boolean => flow.ctx.query.again !== undefined

interface Asking {
  /** of this device, or of a phone or a key; default: as policy has it */
  place?: Place | undefined
  /** the person picked that place */
  picked?: boolean
  /** the enrolment guard asks, which takes a phone whatever the strategy */
  guard?: boolean
  /** no window of the browser may show a QR code: nobody pressed for it */
  byItself?: boolean
}

/** Whatever passkey is here: for autofill and for the button, both before anybody is named. */
export const discoverableOptions = (flow: Flow, asking: Asking = {}): PublicKeyCredentialRequestOptionsJSON => optionsFor(flow, asking, undefined)

/** Narrowed to the account where it is known, or to what this browser's own record names; never more before a proof. */
export async function passkeyOptionsHere(flow: Flow, asking: Asking = {}): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { account, typedAccount, typedDevice, deps } = flow
  const { crossDevice } = strategyAt(flow)
  const guard = asking.guard ?? guardAsks(flow)
  if (account) {
    const usable = (await deps.passkeys.listFor(account)).filter((passkey) => guard || isUsableHere(crossDevice, passkey))
    const preferred = ({ id }: { id: string }) => Number(id !== account.defaultPasskeyId)
    return optionsFor(flow, { ...asking, guard }, usable.toSorted((a, b) => preferred(a) - preferred(b)).map(({ id, transports }) => ({ id, transports: transportsAsked(crossDevice, transports, { guard }) })))
  }
  // Those of a phone are asked of whatever phone is there; what is gone, of nobody.
  const here = asking.place === 'elsewhere' ? [] : idsHere(typedDevice).filter((id) => typedAccount?.credentialIds.includes(id))
  const transports = asking.byItself === true || crossDevice === 'minimize' ? ['internal'] : []
  return optionsFor(flow, asking, here.map((id) => ({ id, transports })))
}

function optionsFor(flow: Flow, { place, picked = false, guard = false }: Asking, allow: { id: string; transports: string[] }[] | undefined): PublicKeyCredentialRequestOptionsJSON {
  const { crossDevice } = strategyAt(flow)
  const hints = signInHints(crossDevice, place ?? offerHere(flow, { guard }).first, { picked, guard })
  return flow.deps.passkeys.authenticationOptions({
    subject: challengeSubject(flow),
    life: flow.request.expiresAt - flow.now,
    ...(allow && allow.length > 0 && { allow }),
    ...(hints.length > 0 && { hints }),
  })
}

const strategyAt = ({ deps: { config }, request: { client } }: Flow) => passkeysAt(config, client)
