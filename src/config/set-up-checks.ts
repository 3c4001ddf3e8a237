import { isIP } from 'node:net'
import { identifierKinds } from '../policy/types.ts'
import type { Check } from './checks.ts'
import type { Config } from './schema.ts'
import { asksFor, called, isInUse, neverProven, serverSetUp, tellsApart, unprovable, usernameAlone, type SetUp } from './set-up.ts'
import { isSlow } from './slow-pattern.ts'
import { isLoopbackHost } from './values.ts'

const listed = (names: string[]): string => names.join(' and ')

/** What is wrong with a set-up wherever it holds; undefined when nothing is. */
export const setUpProblems = {
  nobodySignsIn: (setUp: SetUp) => (identifierKinds.some((kind) => setUp.identifiers[kind].signIn) ? undefined : 'lets nobody sign in: signIn is false for every kind'),
  nobodySignsUp: (setUp: SetUp) => (identifierKinds.some((kind) => asksFor(setUp, kind)) ? undefined : 'lets nobody sign up: signUp is off for every kind'),
  unprovable(setUp: SetUp) {
    const found = unprovable(setUp)
    return found.length > 0 ? `lets nobody prove the ${listed(found.map(called))} that sign-up asks for` : undefined
  },
  unrecoverable: (setUp: SetUp) =>
    usernameAlone(setUp) && !setUp.methods.includes('recovery_code')
      ? 'lacks recovery_code: who has a username alone could come back by nothing else'
      : undefined,
  withoutPasskey: (setUp: SetUp, creation: Config['passkeys']['creation']) =>
    creation === 'off' && usernameAlone(setUp) ? 'is off: who has a username alone could not come back without a passkey' : undefined,
  /** an account without a proof lives by its passkey */
  neverOpened(setUp: SetUp, creation: Config['passkeys']['creation']) {
    const found = neverProven(setUp)
    if (creation !== 'off' || found.length === 0) return undefined
    return `is none for the ${listed(found.map(called))}, and passkeys.creation is off: nobody could come back to such an account`
  },
}

export const setUpWarnings = {
  usernameAlone: (setUp: SetUp) =>
    usernameAlone(setUp)
      ? 'lets people have an account with a username alone: who loses the passkey and the recovery codes has lost the account, and nobody can recover it by themselves; sign-up makes everybody save recovery codes'
      : undefined,
}

export const allowedKinds = 'signUp: required or optional for one of email, phone, username'
export const allowedSignIn = 'signIn: true for one of email, phone, username'
export const allowedMethods = 'email_otp or email_link where sign-up asks for an email, sms_otp where it asks for a phone number'
export const allowedCreation = 'at_sign_up or before_first_login, or passkeys.creation: explain'

/** `identifiers`, `verification` and `sms` of the server. */
export const identifierChecks: Check<Config>[] = [
  { setting: 'identifiers', allowed: allowedSignIn, violation: (config) => setUpProblems.nobodySignsIn(serverSetUp(config)) },
  { setting: 'identifiers', allowed: allowedKinds, violation: (config) => setUpProblems.nobodySignsUp(serverSetUp(config)) },
  {
    setting: 'identifiers.username.pattern',
    allowed: 'a pattern without a repetition inside a repetition, as in [a-z0-9]+(?:-[a-z0-9]+)*',
    violation: ({ identifiers: { username } }) => (isSlow(username.pattern) ? 'takes very long for some names, and anybody may type them' : undefined),
  },
  {
    setting: 'verification.methods',
    allowed: 'each method once',
    violation: ({ verification: { methods } }) => (new Set(methods).size < methods.length ? 'names a method twice' : undefined),
  },
  {
    setting: 'verification.methods',
    reads: ['identifiers', 'verification.strategy'],
    allowed: allowedMethods,
    violation: (config) => setUpProblems.unprovable(serverSetUp(config)),
  },
  {
    setting: 'verification.methods',
    reads: ['identifiers'],
    allowed: 'recovery_code among them, or an email or phone number that sign-up requires',
    violation: (config) => setUpProblems.unrecoverable(serverSetUp(config)),
  },
  {
    setting: 'passkeys.creation',
    reads: ['identifiers'],
    allowed: 'explain, or an email or phone number that sign-up requires',
    violation: (config) => setUpProblems.withoutPasskey(serverSetUp(config), config.passkeys.creation),
  },
  {
    setting: 'verification.strategy',
    reads: ['passkeys.creation', 'identifiers'],
    allowed: allowedCreation,
    violation: (config) => setUpProblems.neverOpened(serverSetUp(config), config.passkeys.creation),
  },
  {
    setting: 'sms',
    reads: ['issuer', 'identifiers.phone'],
    allowed: 'sms: with url and secret; without it the issuer must be http://localhost:<port>',
    violation: (config) => (!config.loopback && config.sms === undefined && isInUse(serverSetUp(config), 'phone') ? 'is missing: phone numbers are in use, and no text could be sent' : undefined),
  },
  {
    setting: 'sms.secret',
    allowed: '${NAME} or secret_FILE; 32 random characters or more, as from `openssl rand -hex 32`',
    violation: ({ sms }) => (sms && sms.secret === undefined ? 'is missing: your receiver could not tell our calls from those of others' : undefined),
  },
  {
    setting: 'sms.url',
    reads: ['issuer', 'sms.privateNetwork'],
    allowed: 'a public address, or sms.privateNetwork: true',
    violation: ({ loopback, sms }) => (!loopback && sms && !sms.privateNetwork && isLocal(sms.url) ? 'is on this machine or in a private network, and such addresses are not called' : undefined),
  },
]

/** The others are found out once the name was resolved, and refused then. */
function isLocal(url: string): boolean {
  const { hostname } = new URL(url)
  return isLoopbackHost(hostname) || (isIP(hostname) === 4 && /^(10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168)\./.test(hostname)) || /^\[f[cde]/.test(hostname)
}

export const identifierWarnings: Check<Config>[] = [
  { setting: 'identifiers', violation: (config) => setUpWarnings.usernameAlone(serverSetUp(config)) },
  // At the setting that does it: `enumeration` need not be written anywhere.
  ...(['identifiers.username.signUp', 'verification.strategy'] as const).map((setting): Check<Config> => ({
    setting,
    reads: ['identifiers', 'verification.strategy'],
    violation(config) {
      const found = config.identifiers.enumeration === 'protect' ? tellsApart(serverSetUp(config)) : undefined
      return found?.by === setting ? `lets sign-up tell who has an account, although identifiers.enumeration is protect: ${found.why}. Guesses are throttled there; sign-in tells nothing` : undefined
    },
  })),
]
