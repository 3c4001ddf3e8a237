import { passkeysAt } from '../config/for-client.ts'
import { strategiesFor, unproven, type Strategies } from '../policy/strategy.ts'
import { identifierKinds } from '../policy/types.ts'
import type { IdentifierKind } from '../storage/types.ts'
import type { Flow } from './flow.ts'
import { placesToCreate } from './passkey-offer.ts'
import type { Capabilities, Typed } from './state.ts'

export interface Asked {
  kind: IdentifierKind
  required: boolean
  /** of the field: `identifier` where it is the only one, so that what is typed goes along to the sign-in and back */
  name: string
}

/** What a new account is asked for at this app; nothing: none can be made here. */
export function asked({ deps: { config }, request: { client } }: Flow): Asked[] {
  const kinds = identifierKinds.flatMap((kind) => {
    const setting = client.latchkey.identifiers[kind].signUp ?? config.identifiers[kind].signUp
    return setting === 'off' ? [] : [{ kind, required: setting === 'required' }]
  })
  return kinds.map((one) => ({ ...one, required: one.required || kinds.length === 1, name: kinds.length === 1 ? 'identifier' : one.kind }))
}

/** When an address or number has to be proven at this app. */
export const strategiesHere = ({ deps: { config }, request: { client } }: Flow): Strategies =>
  strategiesFor(config.verification.strategy, client.latchkey.verification.strategy)

/** Whether a new account can begin with a passkey: there is a place where one may be made. */
export const canMakePasskey = (flow: Flow, capabilities: Capabilities): boolean =>
  passkeysAt(flow.deps.config, flow.request.client).creation !== 'off' && placesToCreate({ ...flow, state: { ...flow.state, capabilities } }, 'sign_up').length > 0

/** What of the account this app wants proven first; undefined: nothing. */
export const unprovenHere = (flow: Flow): Typed | undefined => flow.account && unproven(flow.account, strategiesHere(flow))[0]
