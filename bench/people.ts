import { createAccounts } from '../src/accounts/accounts.ts'
import { createPasskeys } from '../src/passkeys/index.ts'
import { openKeyring } from '../src/secrets/keyring.ts'
import { openStorage } from '../src/storage/index.ts'
import { createAuthenticator, type SoftAuthenticator } from '../test/helpers/authenticator.ts'
import { type CookieJar, createCookieJar } from '../test/helpers/cookie-jar.ts'

/** Somebody with an account, a passkey and a browser that keeps its cookies. */
export interface Person {
  email: string
  authenticator: SoftAuthenticator
  cookies: CookieJar
}

/** Writes accounts with a passkey each into a data folder that no server uses yet. */
export async function settlePeople(count: number, dataFolder: string, issuer: string): Promise<Person[]> {
  const keyring = await openKeyring(dataFolder)
  const storage = await openStorage({ kind: 'embedded', folder: dataFolder })
  const config = { rpId: 'localhost', rpName: 'Benchmark', origins: [issuer] }
  const passkeys = createPasskeys({ storage, keyring, config })
  const accounts = createAccounts(storage)

  async function settle(index: number): Promise<Person> {
    const email = `person${index}@example.com`
    const authenticator = createAuthenticator()
    const made = await accounts.create({ identifiers: [{ kind: 'email', value: email, verifiedAt: storage.clock.now() }] })
    if (!made.ok) throw new Error(`no account for ${email}`)
    const { account } = made
    const subject = `settle ${index}`
    const options = passkeys.registrationOptions({ subject, life: 60_000, account, label: email, existing: [] })
    const response = authenticator.create(options, { origin: issuer })
    const registered = await passkeys.register({ subject, response, account, enrolledAcr: 'phr', userAgent: 'Benchmark' })
    if (!registered.ok) throw new Error(`no passkey for ${email}: ${registered.reason}`)
    return { email, authenticator, cookies: createCookieJar() }
  }

  try {
    return await Promise.all(Array.from({ length: count }, (_, index) => settle(index)))
  } finally {
    await storage.close()
  }
}

export const strangers = (count: number): Person[] =>
  Array.from({ length: count }, () => ({ email: '', authenticator: createAuthenticator(), cookies: createCookieJar() }))
