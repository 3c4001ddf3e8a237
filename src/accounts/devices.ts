import { unlessTaken } from '../errors.ts'
import type { Device, Storage } from '../storage/types.ts'

/** What a request tells about the browser it comes from. What is absent is not known and tells nothing. */
export interface Here {
  /** "Chrome"; '' is a browser that does not say what it is */
  browser?: string
  /** "Windows" */
  platform?: string
  /** keyed hash of the network */
  network?: string
  /** ISO 3166 code */
  country?: string
}

export interface SignInHere {
  deviceHash: string
  accountId: string
  /** the passkey that was used or made */
  credentialId?: string
  /** … on a phone or a security key */
  elsewhere?: boolean
  /** "Chrome on Windows" */
  userAgent: string
  here: Here
  /** the sign-in was by a passkey, which is not in a copied cookie */
  byPasskey: boolean
  /** whether passkeys failed in this browser before that: the record has to say that one works. Asked only where it would not be written anyway */
  failedBefore?: () => Promise<boolean>
}

export interface Devices {
  /** the records of this browser that nobody disowned */
  listHere(deviceHash: string): Promise<Device[]>
  /** every browser of an account that nobody disowned */
  listOf(accountId: string): Promise<Device[]>
  /**
   * After a finished sign-in. At most one write, and none when nothing changed for an hour. `read`: the record, where
   * the caller has it already. `firstTime`: nothing was known of this browser, or it is no longer the same; `known` is
   * the record before.
   */
  recordSignIn(input: SignInHere, read?: Device): Promise<{ firstTime: boolean; known: Device | undefined }>
  /**
   * Recognised: the record is older than this session and older than 24 h, nobody disowned it, and the cookie has not
   * turned up elsewhere. Times in ms.
   */
  isRecognised(device: Device | undefined, here: Here, now: number, sessionStartedAt: number): boolean
  /** This is another browser than the one of the record, as far as one can tell: its cookie was copied. */
  isElsewhere(device: Device, here: Here): boolean
  /** whether any browser of the account was seen in that network */
  knowsNetwork(accountId: string, network: string): Promise<boolean>
  /** somebody else's: it counts for nothing until the account's passkey is used in it */
  disown(deviceHash: string, accountId: string): Promise<void>
  forget(deviceHash: string, accountId: string): Promise<void>
}

const hour = 3_600_000
const recognisedAfter = 24 * hour
const credentialsKept = 20
const networksKept = 10

/** What browsers have signed in to which accounts. */
export function createDevices({ devices, clock }: Pick<Storage, 'devices' | 'clock'>): Devices {
  async function recordSignIn(input: SignInHere, read?: Device) {
    const id = idOf(input.deviceHash, input.accountId)
    const known = read ?? (await devices.get(id))
    const now = clock.now()
    if (known === undefined) {
      // Two tabs may finish the first sign-in at once: either record is as good.
      await unlessTaken(devices.insert(first(id, input, now)))
      return { firstTime: true, known }
    }
    if (isNews(known, input, now) || (await input.failedBefore?.())) await devices.update(id, (current) => seenAgain(current, input, now))
    return { firstTime: known.disownedAt !== undefined || startsAnew(known, input), known }
  }

  return {
    listHere: async (deviceHash) => (await devices.listByDevice(deviceHash)).filter(({ disownedAt }) => disownedAt === undefined),
    listOf: async (accountId) => (await devices.listByAccount(accountId)).filter(({ disownedAt }) => disownedAt === undefined),
    recordSignIn,
    isRecognised: (device, here, now, sessionStartedAt) =>
      device !== undefined &&
      device.disownedAt === undefined &&
      device.firstSeenAt < sessionStartedAt &&
      device.firstSeenAt < now - recognisedAfter &&
      !isElsewhere(device, here),
    isElsewhere,
    knowsNetwork: async (accountId, network) =>
      (await devices.listByAccount(accountId)).some(({ networks, disownedAt }) => disownedAt === undefined && networks?.includes(network)),
    async disown(deviceHash, accountId) {
      const disownedAt = clock.now()
      await devices.update(idOf(deviceHash, accountId), (device) => (device.disownedAt === undefined ? { ...device, disownedAt } : undefined))
    },
    forget: (deviceHash, accountId) => devices.delete(idOf(deviceHash, accountId)),
  }
}

const idOf = (deviceHash: string, accountId: string): string => `${deviceHash}:${accountId}`

/** What either side does not say is no difference: records of old, and servers that are told no country. */
const differ = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && a !== b

function isElsewhere({ browser, platform, networks, country }: Device, here: Here): boolean {
  const newNetwork = networks !== undefined && here.network !== undefined && !networks.includes(here.network)
  return differ(browser, here.browser) || differ(platform, here.platform) || (newNetwork && differ(country, here.country))
}

/**
 * Whoever signs in elsewhere by something that can be talked out of a person starts as a stranger, or the holder of a
 * copied cookie would be recognised the next time. A passkey says that it is the owner, who travels or has moved.
 */
const startsAnew = (device: Device, { here, byPasskey }: SignInHere): boolean => !byPasskey && isElsewhere(device, here)

function isNews(device: Device, input: SignInHere, now: number): boolean {
  const { credentialId, elsewhere, userAgent, here, byPasskey } = input
  return (
    device.lastSeenAt <= now - hour ||
    device.userAgent !== userAgent ||
    (credentialId !== undefined && (device.credentialIds[0] !== credentialId || (device.elsewhereIds ?? []).includes(credentialId) !== (elsewhere === true))) ||
    (device.disownedAt !== undefined && byPasskey) ||
    (here.browser !== undefined && device.browser !== here.browser) ||
    (here.platform !== undefined && device.platform !== here.platform) ||
    (here.network !== undefined && device.networks?.includes(here.network) !== true) ||
    (here.country !== undefined && device.country !== here.country)
  )
}

const first = (id: string, input: SignInHere, now: number): Device => {
  const { deviceHash, accountId, userAgent } = input
  return seen({ id, deviceHash, accountId, firstSeenAt: now, lastSeenAt: now, credentialIds: [], userAgent }, input, now)
}

function seenAgain(device: Device, input: SignInHere, now: number): Device {
  if (startsAnew(device, input)) {
    const { disownedAt } = device
    return { ...first(device.id, input, now), ...(disownedAt !== undefined && { disownedAt }) }
  }
  if (device.disownedAt !== undefined && input.byPasskey) return first(device.id, input, now)
  return seen(device, input, now)
}

function seen({ elsewhereIds, ...device }: Device, { credentialId, elsewhere, userAgent, here, byPasskey }: SignInHere, now: number): Device {
  const { network, ...rest } = here
  const networks = newestFirst(device.networks, network, networksKept)
  const credentialIds = newestFirst(device.credentialIds, credentialId, credentialsKept) ?? []
  const others = (elsewhereIds ?? []).filter((id) => id !== credentialId && credentialIds.includes(id))
  const away = elsewhere && credentialId !== undefined ? [credentialId, ...others] : others
  return {
    ...device,
    ...rest,
    ...(networks && { networks }),
    credentialIds,
    ...(away.length > 0 && { elsewhereIds: away }),
    ...(byPasskey && { lastPasskeyAt: now }),
    userAgent,
    lastSeenAt: Math.max(device.lastSeenAt, now),
  }
}

function newestFirst(list: string[] | undefined, newest: string | undefined, most: number): string[] | undefined {
  return newest === undefined ? list : [newest, ...(list ?? []).filter((entry) => entry !== newest)].slice(0, most)
}
