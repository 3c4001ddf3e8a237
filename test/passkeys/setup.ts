import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { createPasskeys, type PasskeyDeps } from '../../src/passkeys/index.ts'
import { openStorage } from '../../src/storage/index.ts'
import type { Account, Passkey } from '../../src/storage/types.ts'
import { createAuthenticator, type AuthenticatorSettings, type CeremonyOverrides } from '../helpers/authenticator.ts'

export const origin = 'https://login.example.com'
export const subject = 'cid-1'
export const life = 60_000

/** Passkeys on the embedded store in a folder of their own, with a clock that a test can move. */
export async function setUp(t: ExecutionContext, authenticatorSettings: AuthenticatorSettings = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-passkeys-'))
  const opened = await openStorage({ kind: 'embedded', folder })
  t.teardown(async () => {
    await opened.close()
    await rm(folder, { recursive: true })
  })
  const clock = { shift: 0, now: () => opened.clock.now() + clock.shift }
  const { accounts, ephemeral } = opened
  const storage = { accounts, passkeys: opened.passkeys, ephemeral, clock }
  const deps: PasskeyDeps = {
    storage,
    keyring: { hmac: (purpose, ...parts) => createHmac('sha256', purpose).update(JSON.stringify(parts)).digest('base64url') },
    config: { rpId: 'example.com', rpName: 'Example', origins: [origin] },
  }
  const passkeys = createPasskeys(deps)
  const authenticator = createAuthenticator(authenticatorSettings)

  async function createAccount(id = 'account-1'): Promise<Account> {
    const userHandle = randomBytes(32).toString('base64url')
    const account: Account = { id, createdAt: clock.now(), userHandle, identifiers: [], credentialIds: [] }
    await accounts.insert(account)
    return account
  }

  async function registration(account: Account, overrides: Partial<CeremonyOverrides> = {}) {
    const existing = await passkeys.listFor(account)
    const options = passkeys.registrationOptions({ subject, life, account, label: 'ada@example.com', existing })
    return authenticator.create(options, { origin, ...overrides })
  }

  const register = (account: Account, response: unknown) =>
    passkeys.register({ subject, response, account, enrolledAcr: 'urn:latchkey:acr:1fa', userAgent: 'Chrome on Windows' })

  async function enrol(account: Account, overrides: Partial<CeremonyOverrides> = {}): Promise<Passkey> {
    const result = await register(account, await registration(account, overrides))
    if (!result.ok) throw new Error(`not enrolled: ${result.reason} ${result.detail}`)
    return result.passkey
  }

  /** an assertion for a fresh challenge */
  const assertion = (overrides: Partial<CeremonyOverrides> = {}) =>
    authenticator.get(passkeys.authenticationOptions({ subject, life }), { origin, ...overrides })

  const authenticate = (response: unknown) => passkeys.authenticate({ subject, response })

  return { deps, storage, clock, passkeys, authenticator, createAccount, registration, register, enrol, assertion, authenticate }
}
