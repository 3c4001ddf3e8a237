import { rankOf } from '../policy/types.ts'
import type { ClientFile } from './client-schema.ts'
import { eachItem } from './checks.ts'
import type { Check } from './checks.ts'
import type { Config } from './schema.ts'
import { allowedCreation, allowedKinds, allowedMethods, allowedSignIn, setUpProblems, setUpWarnings } from './set-up-checks.ts'
import { clientSetUp, isInUse, reachesNobody, tellsApart, type SetUp } from './set-up.ts'

/** What an app's own identifiers and strategy are seen against; absent while the server's are wrong themselves. */
export interface ServerSide {
  setUp: SetUp
  creation: Config['passkeys']['creation']
  crossDevice: Config['passkeys']['crossDevice']
  enumeration: Config['identifiers']['enumeration']
  /** texts can be sent, or are shown at /dev/outbox */
  texts: boolean
}

interface Subject {
  client: ClientFile
  server?: ServerSide
}

/** Only what the app itself changes: what is wrong on the server is told there. */
function ofClient(judge: (setUp: SetUp, server: ServerSide) => string | undefined) {
  return ({ client, server }: Subject): string | undefined => {
    if (!server) return undefined
    const { creation = server.creation } = client.latchkey.passkeys
    const own = judge(clientSetUp(server.setUp, client), { ...server, creation })
    return own !== undefined && own !== judge(server.setUp, server) ? own : undefined
  }
}

export const clientSetUpChecks: Check<Subject>[] = [
  { setting: 'latchkey.identifiers', allowed: allowedSignIn, violation: ofClient(setUpProblems.nobodySignsIn) },
  { setting: 'latchkey.identifiers', allowed: allowedKinds, violation: ofClient(setUpProblems.nobodySignsUp) },
  {
    setting: 'latchkey.identifiers',
    allowed: `in verification.methods of latchkey.yaml: ${allowedMethods}`,
    violation: ofClient(setUpProblems.unprovable),
  },
  {
    setting: 'latchkey.identifiers',
    allowed: 'recovery_code in verification.methods of latchkey.yaml, or an email or phone number that sign-up requires',
    violation: ofClient((setUp) => setUpProblems.unrecoverable(setUp) && 'allows a username alone, and verification.methods lacks recovery_code: nobody could come back'),
  },
  {
    setting: 'latchkey.identifiers',
    allowed: 'an email or phone number that sign-up requires, or passkeys.creation: explain in latchkey.yaml',
    violation: ofClient((setUp, { creation }) => setUpProblems.withoutPasskey(setUp, creation) && 'allows a username alone, and passkeys.creation is off: nobody could come back'),
  },
  {
    setting: 'latchkey.identifiers.phone',
    allowed: 'together with sms in latchkey.yaml',
    violation: ofClient((setUp, { texts }) => (!texts && isInUse(setUp, 'phone') ? 'uses phone numbers, and no text could be sent' : undefined)),
  },
  {
    setting: 'latchkey.verification.strategy',
    reads: ['latchkey.identifiers', 'latchkey.passkeys.creation'],
    allowed: allowedCreation,
    violation: ofClient((setUp, { creation }) => setUpProblems.neverOpened(setUp, creation)),
  },
  {
    setting: 'latchkey.methods',
    allowed: 'passkey, and methods under verification.methods in latchkey.yaml',
    violation: ({ client: { latchkey: { methods } }, server }) =>
      eachItem(methods, (method) => (!server || method === 'passkey' || server.setUp.methods.includes(method) ? undefined : 'is not among verification.methods')),
  },
  {
    setting: 'latchkey.methods',
    reads: ['latchkey.identifiers'],
    allowed: 'a method that people can have: with phone numbers switched on for sms_otp, emails for email_otp and email_link',
    violation({ client, server }) {
      const { methods } = client.latchkey
      if (!server || !methods) return undefined
      const setUp = clientSetUp(server.setUp, client)
      return methods.every((method) => reachesNobody(setUp, method)) ? 'lets nobody in: nobody has what these are sent to' : undefined
    },
  },
]

export const clientSetUpWarnings: Check<Subject>[] = [
  ...(['latchkey.methods', 'latchkey.minimumAcr'] as const).map((setting): Check<Subject> => ({
    setting,
    reads: ['latchkey.passkeys.crossDevice'],
    violation({ client: { latchkey: { methods, minimumAcr, passkeys } }, server }) {
      const crossDevice = passkeys.crossDevice ?? server?.crossDevice
      const byPasskey = setting === 'latchkey.methods' ? methods?.every((method) => method === 'passkey') : rankOf(minimumAcr ?? '') >= rankOf('phr')
      return crossDevice === 'minimize' && byPasskey ? 'lets in by a passkey alone, and passkeys.crossDevice is minimize: whose passkeys are all on other devices can sign in nowhere else but there' : undefined
    },
  })),
  { setting: 'latchkey.identifiers', violation: ofClient(setUpWarnings.usernameAlone) },
  {
    setting: 'latchkey',
    violation: ofClient((setUp, { enumeration }) => {
      const found = enumeration === 'protect' ? tellsApart(setUp) : undefined
      return found && `lets sign-up tell who has an account, although identifiers.enumeration is protect: ${found.why}`
    }),
  },
  {
    setting: 'latchkey.verification.strategy',
    reads: ['latchkey.minimumAcr'],
    violation({ client: { latchkey: { verification: { strategy }, minimumAcr } } }) {
      if (!minimumAcr || !strategy || !Object.values(strategy).includes('before_first_login')) return undefined
      return `is before_first_login, but minimumAcr asks for a proof at once: only who creates a passkey gets in without`
    },
  },
]
