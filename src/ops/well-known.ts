/** FACE for browsers, phones and password managers: what they look up about a site before they use its passkeys. */
import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import type { Middleware } from '../http/context.ts'

type Settings = Pick<Config, 'issuer' | 'passkeys'>

/** Where people manage and add passkeys (A Well-Known URL for Relying Party Passkey Endpoints, 3.1.1). */
const endpoints = ({ issuer, passkeys }: Settings) => ({
  ...(passkeys.creation !== 'off' && { enroll: `${issuer}/account/passkey-create` }),
  manage: `${issuer}/account/passkeys`,
})

/** Digital Asset Links, statement list: the app may use what is kept for this site; Android wants both for passkeys. */
const assetLinks = (android: Settings['passkeys']['apps']['android']) =>
  Object.entries(android).map(([name, fingerprints]) => ({
    relation: ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds'],
    target: { namespace: 'android_app', package_name: name, sha256_cert_fingerprints: fingerprints.map((text) => text.toUpperCase()) },
  }))

/** By address; what nobody configured is not there. */
function documents(settings: Settings): Map<string, string> {
  const { relatedOrigins, apps: { apple, android } } = settings.passkeys
  const all: [name: string, isThere: boolean, content: object][] = [
    ['passkey-endpoints', true, endpoints(settings)],
    // WebAuthn 5.11: the origins besides those at the RP ID, which need no mention
    ['webauthn', relatedOrigins.length > 0, { origins: [...new Set(relatedOrigins)] }],
    // Apple: Supporting associated domains
    ['apple-app-site-association', apple.length > 0, { webcredentials: { apps: apple } }],
    ['assetlinks.json', Object.keys(android).length > 0, assetLinks(android)],
  ]
  return new Map(all.filter(([, isThere]) => isThere).map(([name, , content]) => [`/.well-known/${name}`, JSON.stringify(content)]))
}

/**
 * `/.well-known/…` at the issuer, and at the RP ID where a proxy passes that on to us: asked there, they may not answer
 * with a redirect. Public, so that pages may read them from anywhere.
 */
export function wellKnown(settings: Settings): Middleware {
  const known = documents(settings)
  const hosts = [new URL(settings.issuer).hostname, settings.passkeys.rpId]

  return async function wellKnown(ctx, next) {
    const content = known.get(ctx.path)
    if (content === undefined || !hosts.includes(ctx.hostname)) return next()
    ctx.state.route = ctx.path
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new AppError('method_not_allowed')
    ctx.status = 200
    ctx.set('Content-Type', 'application/json')
    ctx.set('Cache-Control', 'public, max-age=3600')
    ctx.set('Access-Control-Allow-Origin', '*')
    ctx.body = content
  }
}
