import type { Clock, Ephemeral, Tallies } from '../storage/types.ts'

/** accounts: fewer say nothing yet, and the first sign-up of a new server would be all of them */
const enough = 10
/** ms: longer than any server lasts */
const forGood = 100 * 365 * 24 * 3_600_000
const saidKey = 'half of the accounts have a passkey'

/** @returns looks once; the first time that half of the accounts have a passkey, one process says so, and never again */
export function createAdoption(deps: {
  tallies: Pick<Tallies, 'accounts'>
  ephemeral: Pick<Ephemeral, 'get' | 'claim'>
  clock: Clock
  log: { info(fields: object, message: string): void }
}): () => Promise<void> {
  const { tallies, ephemeral, clock, log } = deps
  let over = false
  return async function lookAtAdoption() {
    if (over) return
    const { withPasskey, without } = await tallies.accounts()
    const accounts = withPasskey + without
    if (accounts < enough || withPasskey * 2 < accounts) return
    const mine = (await ephemeral.get(saidKey)) === undefined && (await ephemeral.claim(saidKey, clock.now() + forGood))
    if (mine) log.info({ accounts, withPasskey }, 'half of the accounts have a passkey')
    over = true
  }
}
