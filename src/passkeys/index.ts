import { isUsable } from '../policy/passkeys.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { createAuthenticate } from './authenticate.ts'
import { createChallenges } from './challenges.ts'
import { listInAccount } from './listing.ts'
import { authenticationOptions, registrationOptions } from './options.ts'
import { createManage } from './manage.ts'
import { createRegister } from './register.ts'
import type { PasskeyDeps, Passkeys } from './types.ts'

export { authenticatorFor, type Authenticator, authenticatorPictures, type Fabric, learnAuthenticators, providerLabel } from './authenticators.ts'
export { readKeptList } from './kept-list.ts'
export { baseName, cleaned as readableName, longestName, namesOf } from './manage.ts'
export { createAbandoned } from './abandoned.ts'
export { createAdoption } from './adoption.ts'
export { readCapabilities } from './capabilities.ts'
export { createCeremonies, type Ceremony, type CeremonyLabels, type CeremonyLog } from './ceremonies.ts'
export { createdRecord } from './created.ts'
export { createOffers, type Offers } from './offers.ts'
export { createReports, readReport, type Reports } from './reports.ts'
export { createRounds, type Rounds } from './rounds.ts'
export { likelyKeeper } from './keeper.ts'
export { askedPlace, type NotCreated, reasonOfError, reasonOfRefusal, worthTrying } from './not-created.ts'
export { assertRpIdUnchanged } from './rp-id.ts'
export { dialogFailure, toldBy } from './told.ts'
export type * from './types.ts'
export { type Capabilities, carriesTo, decide, type Decision, knownPasskey, type KnownPasskey, type Signals } from './intelligence.ts'
export { describeUserAgent, isPhone } from './user-agent.ts'

export function createPasskeys(deps: PasskeyDeps): Passkeys {
  const { storage, config } = deps
  const challenges = createChallenges(deps)

  /** Asks for the passkeys, not for the account's list, so that one written just before a crash counts. */
  async function listFor(account: Account, which: 'usable' | 'all' = 'usable'): Promise<Passkey[]> {
    const passkeys = await storage.passkeys.listByAccount(account.id)
    for (const passkey of passkeys) await listInAccount(storage, account, passkey)
    return passkeys.filter((passkey) => which === 'all' || isUsable(passkey)).toSorted((a, b) => a.createdAt - b.createdAt)
  }

  return {
    authenticationOptions(input) {
      return authenticationOptions(config, challenges.issue('authenticate', [input.subject], input.life), input)
    },

    authenticate: createAuthenticate(deps, challenges),

    registrationOptions(input) {
      const { subject, account, life } = input
      return registrationOptions(config, challenges.issue('register', [subject, account.id], life), input)
    },

    register: createRegister(deps, challenges),

    ...createManage(storage),

    listFor,

    /** The paused and the removed count as long as they are kept: what the keeper has deleted, nobody can bring back. */
    async signalFor(account, label) {
      const kept = await listFor(account, 'all')
      return { rpId: config.rpId, userId: account.userHandle, accepted: kept.map(({ id }) => id), user: { name: label, displayName: account.name ?? label } }
    },
  }
}
