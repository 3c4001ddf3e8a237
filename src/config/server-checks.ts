import { accessSync, constants } from 'node:fs'
import { isIP } from 'node:net'
import { systemCode } from '../errors.ts'
import { signalsIn } from '../policy/rules.ts'
import { hardToRead } from './accent.ts'
import { eachItem } from './checks.ts'
import type { Check } from './checks.ts'
import { passkeyChecks, passkeyWarnings } from './passkey-checks.ts'
import { rolloutWarnings } from './rollout-checks.ts'
import { standardScopes } from './schema.ts'
import type { Config } from './schema.ts'
import { identifierChecks, identifierWarnings } from './set-up-checks.ts'

const hostOf = (origin: string) => new URL(origin).hostname
const isAddress = (host: string) => isIP(host.replace(/^\[|\]$/g, '')) !== 0

export const serverChecks: Check<Config>[] = [
  {
    setting: 'issuer',
    allowed: 'https://…; http:// only for localhost',
    violation: ({ issuer, loopback }) => (!loopback && issuer.startsWith('http:') ? 'is not https, and browsers make no passkeys there' : undefined),
  },
  {
    setting: 'issuer',
    allowed: 'a host name',
    violation: ({ issuer, loopback }) => (!loopback && isAddress(hostOf(issuer)) ? 'is an IP address, and passkeys need a name' : undefined),
  },
  {
    setting: 'mail.smtp',
    reads: ['issuer'],
    allowed: 'smtp://user:password@host:port; without it the issuer must be http://localhost:<port>',
    violation: ({ loopback, mail }) => (!loopback && mail.smtp === undefined ? 'is missing: codes could not be sent' : undefined),
  },
  ...identifierChecks,
  ...passkeyChecks,
  {
    setting: 'sessions.idle',
    reads: ['sessions.absolute'],
    allowed: 'at most sessions.absolute',
    violation: ({ sessions }) => (sessions.idle > sessions.absolute ? 'is longer than sessions.absolute' : undefined),
  },
  {
    setting: 'server.location',
    reads: ['server.trustedProxies'],
    allowed: 'together with server.trustedProxies',
    violation: ({ server: { location, trustedProxies } }) =>
      Object.keys(location).length > 0 && trustedProxies.length === 0 ? 'names headers that nobody is believed about' : undefined,
  },
  {
    setting: 'server.metricsPort',
    reads: ['server.port'],
    allowed: 'another port than server.port',
    violation: ({ server }) => (server.metricsPort === server.port ? 'is the same as the port of the pages' : undefined),
  },
  {
    setting: 'theme.logo',
    allowed: 'an .svg or .png file in the config folder',
    violation({ theme: { logo } }) {
      if (logo === undefined) return undefined
      try {
        accessSync(logo, constants.R_OK)
      } catch (error) {
        return `names a file that cannot be read (${systemCode(error)})`
      }
    },
  },
  {
    setting: 'locales',
    allowed: 'each language once',
    violation: ({ locales }) => (new Set(locales).size < locales.length ? 'names a language twice' : undefined),
  },
  {
    setting: 'resources',
    allowed: `other names than ${standardScopes.join(', ')}`,
    violation: ({ resources }) =>
      Object.entries(resources).flatMap(([indicator, { scopes }]) =>
        eachItem(scopes, (scope) => (standardScopes.some((standard) => standard === scope) ? 'is a scope of OpenID Connect' : undefined))
          .map(({ part, message }) => ({ part: [indicator, 'scopes', ...part], message }))),
  },
]

/** What works, but probably not as meant. */
export const serverWarnings: Check<Config>[] = [
  ...identifierWarnings,
  ...rolloutWarnings,
  ...passkeyWarnings,
  {
    setting: 'theme.accent',
    violation: ({ theme }) => hardToRead(theme.accent),
  },
  {
    setting: 'server.trustedProxies',
    allowed: 'the addresses of the proxy that ends TLS, as in [10.0.0.0/8]',
    violation: ({ issuer, server }) =>
      issuer.startsWith('https:') && server.trustedProxies.length === 0
        ? 'is empty: what the proxy says about https and the address of the person is not believed'
        : undefined,
  },
  {
    setting: 'server.location.country',
    allowed: 'the header in which your proxy says the country, as in CF-IPCountry',
    violation({ server, rules }) {
      const asking = rules.filter(({ when }) => signalsIn(when).includes('country')).map(({ name }) => name)
      if (server.location.country !== undefined || asking.length === 0) return undefined
      return `is missing: no country is ever known to the ${asking.length === 1 ? 'rule' : 'rules'} ${asking.join(', ')}`
    },
  },
  {
    setting: 'issuer',
    allowed: 'http://localhost:<port>',
    violation: ({ issuer, loopback }) => (loopback && isAddress(hostOf(issuer)) ? 'is an IP address: browsers make no passkeys there' : undefined),
  },
  {
    setting: 'issuer',
    reads: ['server.port'],
    violation: ({ issuer, loopback, server }) =>
      loopback && Number(new URL(issuer).port || 80) !== server.port ? `names another port than the one listened on (${server.port})` : undefined,
  },
]
