import { eachItem } from './checks.ts'
import type { Check } from './checks.ts'
import type { Config } from './schema.ts'
import { isLoopbackHost } from './values.ts'

const hostOf = (origin: string) => new URL(origin).hostname
const isOrBelow = (host: string, parent: string) => host === parent || host.endsWith(`.${parent}`)

export const passkeyChecks: Check<Config>[] = [
  {
    setting: 'passkeys.rpId',
    reads: ['issuer'],
    allowed: "the issuer's host, or a parent domain of it that is yours",
    violation({ issuer, passkeys }) {
      const host = hostOf(issuer)
      if (!isOrBelow(host, passkeys.rpId)) return `does not cover the issuer's host ${host}`
      return passkeys.rpId !== host && !passkeys.rpId.includes('.') ? 'is a top-level domain' : undefined
    },
  },
  {
    setting: 'passkeys.relatedOrigins',
    allowed: 'https origins',
    violation: ({ passkeys: { relatedOrigins } }) =>
      eachItem(relatedOrigins, (origin) => (origin.startsWith('http:') ? 'is not https' : undefined)),
  },
  {
    setting: 'passkeys.origins',
    reads: ['passkeys.rpId', 'passkeys.relatedOrigins', 'issuer'],
    allowed: 'https origins at passkeys.rpId or below it, or among passkeys.relatedOrigins',
    violation({ issuer, passkeys: { origins, rpId, relatedOrigins } }) {
      // then rpId itself is the problem, and is reported
      if (!isOrBelow(hostOf(issuer), rpId)) return undefined
      return eachItem(origins, (origin) => {
        if (origin === issuer || relatedOrigins.includes(origin)) return undefined
        if (!isOrBelow(hostOf(origin), rpId)) return `is not at or below ${rpId}`
        return origin.startsWith('http:') && !isLoopbackHost(hostOf(origin)) ? 'is not https' : undefined
      })
    },
  },
  {
    setting: 'passkeys.origins',
    reads: ['issuer'],
    allowed: 'a list that includes the issuer',
    violation: ({ passkeys, issuer }) => (passkeys.origins.includes(issuer) ? undefined : `lacks the issuer ${issuer}, where people sign in`),
  },
]

/** Labels that browsers are sure to look at (WebAuthn 5.11). */
const mostLabels = 5

/**
 * What comes before the public suffix of a host: `example` of www.example.co.uk. Without the list of suffixes, by the
 * usual second levels of countries; good enough for a warning.
 */
function labelOf(host: string): string | undefined {
  const labels = host.split('.')
  const isSecondLevel = /^(co|com|net|org|gov|gob|gouv|go|ac|edu|ne|or|in|info|gen|web|nom|mil)$/.test(labels.at(-2) ?? '') && labels.at(-1)?.length === 2 && labels.length > 2
  return labels.at(isSecondLevel ? -3 : -2)
}

export const passkeyWarnings: Check<Config>[] = [
  {
    setting: 'passkeys.relatedOrigins',
    reads: ['passkeys.rpId'],
    violation: ({ passkeys: { relatedOrigins, rpId } }) =>
      eachItem(relatedOrigins, (origin) => (isOrBelow(hostOf(origin), rpId) ? `is at or below ${rpId}: browsers need no list for it; passkeys.origins is for it` : undefined)),
  },
  {
    setting: 'passkeys.relatedOrigins',
    allowed: 'names before the public suffix: example.de and example.co.uk share one',
    violation({ passkeys: { relatedOrigins } }) {
      const labels = [...new Set(relatedOrigins.flatMap((origin) => labelOf(hostOf(origin)) ?? []))]
      return labels.length > mostLabels
        ? `has ${labels.length} different names (${labels.join(', ')}), and browsers may look at no more than the first ${mostLabels}`
        : undefined
    },
  },
  {
    setting: 'passkeys.rpId',
    reads: ['issuer', 'passkeys.relatedOrigins', 'passkeys.apps'],
    violation({ issuer, passkeys: { rpId, relatedOrigins, apps } }) {
      const files = [
        ...(relatedOrigins.length > 0 ? ['webauthn'] : []),
        ...(apps.apple.length > 0 ? ['apple-app-site-association'] : []),
        ...(Object.keys(apps.android).length > 0 ? ['assetlinks.json'] : []),
      ]
      if (files.length === 0 || rpId === hostOf(issuer)) return undefined
      return `is not the issuer's host: browsers and phones look at ${files.map((name) => `https://${rpId}/.well-known/${name}`).join(', ')}, which must answer as ${issuer} does, without a redirect`
    },
  },
]
