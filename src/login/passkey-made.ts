import { sendPage } from '../http/reply.ts'
import { authenticatorFor, namesOf, worthTrying } from '../passkeys/index.ts'
import { placeOf, type Place } from '../policy/cross-device.ts'
import { kindOfPasskey } from '../policy/passkeys.ts'
import type { Passkey } from '../storage/types.ts'
import { passkeyCreatedPage } from '../../views/login/passkey-created.ts'
import { passkeyNotCreatedPage } from '../../views/login/passkey-not-created.ts'
import { besides } from './besides.ts'
import { platformOf, userAgentOf } from './browser.ts'
import { choicesIn, draftOf, placesNow, signalOf } from './creation.ts'
import { pageOf, type Flow } from './flow.ts'
import { deviceOf } from './proofs.ts'
import type { LoginState } from './state.ts'

type Failed = Extract<NonNullable<LoginState['offer']>, { outcome: 'failed' }>

/** "Your passkey is ready" */
export async function showCreated(flow: Flow, credentialId: string): Promise<void> {
  const passkeys = flow.account ? await flow.deps.passkeys.listFor(flow.account) : []
  const made = passkeys.find(({ id }) => id === credentialId)
  const keeper = made && authenticatorFor(made.aaguid)
  const icon = pictureOf(made)
  sendPage(
    flow.ctx,
    passkeyCreatedPage(pageOf(flow), {
      ...(keeper ?? (icon && { icon })),
      name: namesOf(passkeys).get(credentialId) ?? userAgentOf(flow).label,
      ...(keeper && { storedIn: keeper.name }),
      synced: made?.backupEligible === true,
      ...(made && { place: placeOf(made) ?? 'here' }),
      canAdd: secondPlace(flow, passkeys) !== undefined,
      canRename: made !== undefined,
      besides: besides(flow),
      signal: await signalOf(flow),
    }),
  )
}

/** Nothing is known of who keeps it: what it is by its own word. */
function pictureOf(made: Passkey | undefined): 'key' | 'phone' | 'laptop' | undefined {
  if (!made || made.backupEligible) return undefined
  if (kindOfPasskey(made) === 'security_key') return 'key'
  return placeOf(made) === 'elsewhere' ? 'phone' : 'laptop'
}

/** Where one more passkey may be made now, of an account whose only one stays on one device. */
export function secondPlace(flow: Flow, passkeys: Passkey[]): Place | undefined {
  const [only, another] = passkeys
  const { met, mayCreate } = flow.situation
  if (!only || another || only.backupEligible || !met || !mayCreate) return undefined
  const wanted: Place = placeOf(only) === 'elsewhere' ? 'here' : 'elsewhere'
  return placesNow(flow).find((place) => place === wanted)
}

/** "No passkey was created", or there is one already. */
export async function showNotCreated(flow: Flow, { reason, place, unknown }: Omit<Failed, 'outcome'>): Promise<void> {
  const { situation: { met, mayCreate } } = flow
  const signUp = draftOf(flow) !== undefined
  const choices = signUp || mayCreate ? await choicesIn(flow, worthTrying(placesNow(flow), reason, place)) : []
  sendPage(
    flow.ctx,
    passkeyNotCreatedPage(pageOf(flow), {
      reason,
      ...(place && { place }),
      ...(reason === 'no_verification' && platformOf(flow)),
      ...(reason === 'exists' && (await already(flow, place))),
      choices,
      required: !signUp && !met,
      signUp,
      signal: await signalOf(flow, unknown),
    }),
  )
}

/** The passkey that stopped another one, where there is only one that it can be. */
async function already(flow: Flow, place: Place = 'here'): Promise<{ name: string; createdAt: string } | undefined> {
  const { account, deps, ctx } = flow
  const passkeys = account ? await deps.passkeys.listFor(account) : []
  const { credentialIds = [], elsewhereIds = [] } = deviceOf(flow, account?.id) ?? {}
  const isHere = ({ id }: Passkey) => credentialIds.includes(id) && !elsewhereIds.includes(id)
  const candidates = passkeys.length === 1 ? passkeys : passkeys.filter((passkey) => isHere(passkey) === (place === 'here'))
  const [only, another] = candidates
  if (!only || another) return undefined
  const createdAt = new Intl.DateTimeFormat(ctx.state.locale, { dateStyle: 'medium' }).format(only.createdAt)
  return { name: namesOf(passkeys).get(only.id) ?? only.enrolledUserAgent, createdAt }
}
