import { resolve } from 'node:path'
import type { Rule } from '../policy/rules.ts'
import type { ClientFile } from './client-schema.ts'
import type { ClientConfig, Config, ServerFile } from './schema.ts'
import { isLoopbackHost } from './values.ts'

/** Fills in what follows from other settings: the issuer from the port, names from the theme, the RP ID from the issuer. */
export function deriveConfig(file: ServerFile, clients: ClientFile[], folder: string, rules: Rule[]): Config {
  const issuer = file.issuer ?? `http://localhost:${file.server.port}`
  const { hostname } = new URL(issuer)
  const loopback = isLoopbackHost(hostname)
  const { logo, ...theme } = file.theme
  return {
    ...file,
    issuer,
    loopback,
    builtInMailbox: loopback && file.mail.smtp === undefined,
    builtInPhone: loopback && file.sms === undefined,
    passkeys: derivePasskeys({ rpId: hostname, rpName: theme.name, origins: [issuer, ...file.passkeys.relatedOrigins], ...file.passkeys }),
    mail: { from: `${quoted(theme.name)} <login@${hostname}>`, ...file.mail },
    theme: logo === undefined ? theme : { ...theme, logo: resolve(folder, logo) },
    clients: clients.map(deriveClient),
    rules,
  }
}

/**
 * Apps have no origin of the web (WebAuthn 5.8.1): Android names the certificate that signed the app, iOS the RP ID.
 */
function derivePasskeys<Settings extends Pick<Config['passkeys'], 'rpId' | 'apps'>>(passkeys: Settings) {
  const { rpId, apps: { apple, android } } = passkeys
  const hashes = Object.values(android).flat().map((text) => Buffer.from(text.replaceAll(':', ''), 'hex').toString('base64url'))
  return { ...passkeys, appOrigins: [...(apple.length > 0 ? [`https://${rpId}`] : []), ...new Set(hashes.map((hash) => `android:apk-key-hash:${hash}`))] }
}

function deriveClient(client: ClientFile): ClientConfig {
  const usesCode = client.grant_types.includes('authorization_code')
  return {
    ...client,
    client_name: client.client_name ?? client.client_id,
    response_types: client.response_types ?? (usesCode ? ['code'] : []),
  }
}

/** A display name as RFC 5322 wants it: in quotes when it holds more than words. */
function quoted(name: string): string {
  return /^[\p{L}\p{N} '-]+$/u.test(name) ? name : `"${name.replace(/["\\]/g, '')}"`
}
