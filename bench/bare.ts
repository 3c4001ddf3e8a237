/**
 * What Latchkey is measured against: the same engine by itself, in memory, with an interaction that finishes at once.
 * Started as a process of its own: `node bench/bare.ts PORT`.
 */
import { generateKeyPairSync } from 'node:crypto'
import Provider, { type Configuration } from 'oidc-provider'
import { client } from './client.ts'

const port = Number(process.argv[2])
const issuer = `http://localhost:${port}`
const people = ['a', 'b', 'c'].map(name => ({ accountId: name, claims: () => ({ sub: name, email: `${name}@example.com` }) }))

const configuration: Configuration = {
  clients: [client],
  jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
  cookies: { keys: ['a key that signs cookies'] },
  claims: { openid: ['sub'], email: ['email'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, id) => people.find(({ accountId }) => accountId === id),
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  async loadExistingGrant(ctx) {
    const { session, client, provider } = ctx.oidc
    const grant = new provider.Grant({ accountId: session?.accountId, clientId: client?.clientId })
    grant.addOIDCScope('openid email offline_access')
    await grant.save()
    return grant
  },
}

// the engine warns of what a real installation would have to change
console.warn = console.info = () => {}
const provider = new Provider(issuer, configuration)
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next()
  const accountId = people[Math.floor(Math.random() * people.length)]?.accountId ?? ''
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId } })
})
const server = provider.listen(port, 'localhost', () => process.stdout.write(`${issuer}\n`))
process.once('SIGTERM', () => server.close(() => process.exit()).closeAllConnections())
