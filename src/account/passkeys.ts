import { placeName } from '../http/place.ts'
import { sendPage } from '../http/reply.ts'
import { authenticatorFor, namesOf } from '../passkeys/index.ts'
import { creationPlaces, placeOf } from '../policy/cross-device.ts'
import { hashId } from '../secrets/keyring.ts'
import type { Passkey } from '../storage/types.ts'
import { passkeysPage, type ListedPasskey } from '../../views/account/passkeys.ts'
import { isOnPhone } from './here.ts'
import { paramOf } from './identifiers.ts'
import { done, pageOf, type AccountPage, type Visitor } from './session.ts'
import { shownAs } from './shown-as.ts'

export const passkeysPath = '/account/passkeys'

/** Far more than anybody has devices; what is sent to browsers grows with each. */
const mostPasskeys = 50

/** "Passkeys": each that opens the account, and those that are paused. */
export const passkeys: AccountPage = {
  path: '/passkeys',
  async show(visitor) {
    const all = await kept(visitor)
    const add = places(visitor)
    const full = add.length > 0 && all.length >= mostPasskeys
    const [listed, page, signal] = await Promise.all([listing(visitor, all), pageOf(visitor), signalOf(visitor)])
    sendPage(visitor.ctx, passkeysPage(page, { passkeys: listed, add: full ? [] : add, ...(full && { most: mostPasskeys }), signal, only: visitor.account.passkeysOnlySince !== undefined }))
  },
}

/** Those that sign in, and those that are paused. */
const kept = async ({ deps, account }: Visitor): Promise<Passkey[]> => (await deps.passkeys.listFor(account, 'all')).filter(({ removedAt }) => removedAt === undefined)

/** Whether one has to go before another one can come. */
export const isFull = async (visitor: Visitor): Promise<boolean> => (await kept(visitor)).length >= mostPasskeys

/** Where one may be added. Whether this device can keep one is known in the browser alone: there the button may say no. */
export const places = (visitor: Visitor) =>
  visitor.deps.config.passkeys.creation === 'off' ? [] : creationPlaces(visitor.deps.config.passkeys.crossDevice, 'adding', { phone: isOnPhone(visitor), platform: true })

/** Names a passkey in an address: not the credential id, which stands in challenges. */
export const refOf = ({ id }: Pick<Passkey, 'id'>): string => hashId(`passkey:${id}`).slice(0, 22)

/** The account's own passkey that an address or a form names, with what it is called. undefined: it was removed meanwhile, and the answer says so. */
export async function passkeyAt(visitor: Visitor, ref = paramOf(visitor, 'passkey')): Promise<{ passkey: Passkey; name: string } | undefined> {
  const all = await kept(visitor)
  const passkey = all.find((one) => refOf(one) === ref)
  if (passkey) return { passkey, name: namesOf(all).get(passkey.id)! }
  await done(visitor, 'changed_elsewhere', { path: passkeysPath })
  return undefined
}

async function listing(visitor: Visitor, all: Passkey[]): Promise<ListedPasskey[]> {
  const { deps, account, deviceHash, ctx } = visitor
  const device = (await deps.devices.listHere(deviceHash)).find(({ accountId }) => accountId === account.id)
  const names = namesOf(all)
  return all.map((passkey) => {
    const keeper = authenticatorFor(passkey.aaguid)
    const { lastUsedAt, lastUsedIn } = passkey
    const place = lastUsedIn?.place && placeName(ctx, lastUsedIn.place)
    return {
      ref: refOf(passkey),
      name: names.get(passkey.id)!,
      ...(keeper && { storedIn: keeper.name, icon: keeper.icon, picture: keeper.picture }),
      synced: passkey.backupEligible,
      here: device?.credentialIds.includes(passkey.id) === true && placeOf(passkey) !== 'elsewhere',
      isDefault: account.defaultPasskeyId === passkey.id,
      paused: passkey.frozenAt !== undefined,
      createdAt: passkey.createdAt,
      ...(lastUsedAt !== undefined && { used: { at: lastUsedAt, ...(lastUsedIn && { device: lastUsedIn.userAgent }), ...(place && { place }) } }),
    }
  })
}

/** What the browser's passkey provider should know. */
const signalOf = ({ account, deps }: Visitor) => deps.passkeys.signalFor(account, shownAs(account) ?? deps.config.passkeys.rpName)
