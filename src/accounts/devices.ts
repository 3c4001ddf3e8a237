import { unlessTaken } from '../errors.ts'
import type { Device, Storage } from '../storage/types.ts'

export interface SignInHere {
  deviceHash: string
  accountId: string
  /** the passkey that was used or made */
  credentialId?: string
  /** "Chrome on Windows" */
  userAgent: string
}

export interface Devices {
  /** the records of this browser that nobody disowned */
  listHere(deviceHash: string): Promise<Device[]>
  /**
   * After a finished sign-in. At most one write, and none when nothing changed for an hour. `read`: the record, where
   * the caller has it already. The answer's `known` is the record before.
   */
  recordSignIn(input: SignInHere, read?: Device): Promise<{ firstTime: boolean; known: Device | undefined }>
  /** Recognised: the record is older than this session and older than 24 h, and nobody disowned it. Times in ms. */
  isRecognised(device: Device | undefined, now: number, sessionStartedAt: number): boolean
}

const hour = 3_600_000
const recognisedAfter = 24 * hour
const credentialsKept = 20

/** What browsers have signed in to which accounts. */
export function createDevices({ devices, clock }: Pick<Storage, 'devices' | 'clock'>): Devices {
  async function recordSignIn(input: SignInHere, read?: Device) {
    const id = `${input.deviceHash}:${input.accountId}`
    const known = read ?? (await devices.get(id))
    const now = clock.now()
    if (known === undefined) {
      // Two tabs may finish the first sign-in at once: either record is as good.
      await unlessTaken(devices.insert(seenAgain({ id, ...first(input, now) }, input, now)))
      return { firstTime: true, known }
    }
    const fresh = known.lastSeenAt > now - hour && known.userAgent === input.userAgent
    const listed = input.credentialId === undefined || known.credentialIds[0] === input.credentialId
    if (!fresh || !listed) await devices.update(id, (current) => seenAgain(current, input, now))
    return { firstTime: false, known }
  }

  return {
    listHere: async (deviceHash) => (await devices.listByDevice(deviceHash)).filter(({ disownedAt }) => disownedAt === undefined),
    recordSignIn,
    isRecognised: (device, now, sessionStartedAt) =>
      device !== undefined &&
      device.disownedAt === undefined &&
      device.firstSeenAt < sessionStartedAt &&
      device.firstSeenAt < now - recognisedAfter,
  }
}

const first = ({ deviceHash, accountId, userAgent }: SignInHere, now: number): Omit<Device, 'id'> => ({
  deviceHash,
  accountId,
  firstSeenAt: now,
  lastSeenAt: now,
  credentialIds: [],
  userAgent,
})

function seenAgain(device: Device, { credentialId, userAgent }: SignInHere, now: number): Device {
  const credentialIds =
    credentialId === undefined
      ? device.credentialIds
      : [credentialId, ...device.credentialIds.filter((id) => id !== credentialId)].slice(0, credentialsKept)
  return { ...device, credentialIds, userAgent, lastSeenAt: Math.max(device.lastSeenAt, now) }
}
