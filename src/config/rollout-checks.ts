import { eachItem, type Check } from './checks.ts'
import { accountClientId, demoClientId, type Config } from './schema.ts'
import { neverProven, serverSetUp } from './set-up.ts'

/** Who is offered passkeys, in the light of the apps that there are. */
export const rolloutChecks: Check<Config>[] = [
  {
    setting: 'passkeys.rollout.clients',
    allowed: 'a client_id of one of the files in clients/',
    violation({ clients, loopback, passkeys: { rollout } }) {
      const known = new Set([...clients.map(({ client_id: id }) => id), accountClientId, ...(loopback ? [demoClientId] : [])])
      return eachItem(rollout.clients, (id) => (known.has(id) ? undefined : 'is no app: nobody would be offered a passkey there'))
    },
  },
]

export const rolloutWarnings: Check<Config>[] = [
  {
    setting: 'passkeys.rollout',
    reads: ['verification.strategy', 'identifiers'],
    violation(config) {
      const { percent, clients } = config.passkeys.rollout
      if ((percent === 100 && clients.length === 0) || neverProven(serverSetUp(config)).length === 0) return undefined
      return 'does not hold for a sign-up under verification.strategy none: such an account begins with a passkey, whoever it is'
    },
  },
  {
    setting: 'passkeys.crossDevice',
    reads: ['verification.methods'],
    violation: ({ passkeys: { crossDevice }, verification: { methods } }) =>
      crossDevice === 'minimize' && methods.length === 0 ? 'is minimize, and verification.methods is empty: whose passkeys are all on other devices cannot sign in' : undefined,
  },
]
