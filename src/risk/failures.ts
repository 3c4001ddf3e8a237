import type { Keyring } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'
import { failuresCounted } from '../policy/signals.ts'

export interface Failures {
  /** One failed sign-in. `addresses`: keys under which all ways to write a mailbox are one; `network`: its keyed hash. */
  note(where: { addresses: string[]; network?: string | undefined }): Promise<void>
  /** of the last hour, of the address that has most */
  ofAddresses(addresses: string[]): Promise<number>
  ofNetwork(network: string): Promise<number>
}

/** ms */
const counted = 60 * 60 * 1000

/** Failed sign-ins by what was typed, whether it has an account or not, and by network: they only ever feed rules. */
export function createFailures(
  { ephemeral, clock, keyring }: Pick<Storage, 'ephemeral' | 'clock'> & { keyring: Pick<Keyring, 'hmac'> },
): Failures {
  const keyOfAddress = (address: string) => `failures:address:${keyring.hmac('failures', address)}`
  const keyOfNetwork = (network: string) => `failures:network:${network}`

  const add = (key: string, now: number) =>
    ephemeral.update<number[], void>(key, (times = []) => ({
      next: { value: [...times.filter((time) => time > now - counted), now].slice(-failuresCounted), expiresAt: now + counted },
      result: undefined,
    }))

  async function count(key: string): Promise<number> {
    const times = (await ephemeral.get<number[]>(key)) ?? []
    const since = clock.now() - counted
    return times.filter((time) => time > since).length
  }

  return {
    async note({ addresses, network }) {
      const keys = [...new Set(addresses.map(keyOfAddress)), ...(network === undefined ? [] : [keyOfNetwork(network)])]
      const now = clock.now()
      await Promise.all(keys.map((key) => add(key, now)))
    },
    ofAddresses: async (addresses) => Math.max(0, ...(await Promise.all([...new Set(addresses.map(keyOfAddress))].map(count)))),
    ofNetwork: (network) => count(keyOfNetwork(network)),
  }
}
