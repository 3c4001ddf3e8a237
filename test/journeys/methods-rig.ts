/** A server with every kind of identifier and every method, and people on it who have them. */
import { createAccounts } from '../../src/accounts/accounts.ts'
import { createNormaliser } from '../../src/accounts/normalise.ts'
import { createOutbox } from '../../src/delivery/outbox.ts'
import type { Account } from '../../src/storage/types.ts'
import { createVerification } from '../../src/verification/index.ts'
import { createMails } from '../../views/mail/index.ts'
import { createTexts } from '../../views/sms/index.ts'
import { appCode } from '../helpers/authenticator-app.ts'
import { eventually } from '../helpers/eventually.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import type { Mail } from '../helpers/server.ts'

export interface Somebody {
  account: Account
  email: string
  phone: string
  username: string
  /** what their authenticator app shows now */
  appCode(): string
  recoveryCodes: string[]
}

export interface MethodsServer extends InProcess {
  /** has an email, a phone and a username, all that they need proven, an app and codes on paper */
  somebody(more?: Partial<Account>): Promise<Somebody>
  account(id: string): Promise<Account | undefined>
  /** the newest message to that address or number that is not known yet */
  messageTo(to: string, known?: readonly Mail[]): Promise<Mail>
}

let count = 0

export async function startMethodsServer(options: InProcessOptions = {}): Promise<MethodsServer> {
  const server = await startInProcess({
    ...options,
    config: {
      identifiers: { email: { signUp: 'optional' }, phone: { signIn: true, signUp: 'optional', defaultRegion: 'GB' }, username: { signIn: true, signUp: 'optional' } },
      ...options.config,
    },
  })
  const { config, foundation: { storage, keyring, log } } = server
  const accounts = createAccounts(storage)
  const outbox = createOutbox({ outbox: storage.outbox, ephemeral: storage.ephemeral, keyring, clock: storage.clock, log })
  const verification = createVerification({
    storage, keyring, accounts, outbox, config, ...createNormaliser(config.identifiers),
    mails: createMails({ name: 'Example', host: 'localhost' }, 'en'),
    texts: createTexts({ name: 'Example', host: 'localhost' }, 'en'),
  })

  async function somebody(more: Partial<Account> = {}): Promise<Somebody> {
    const n = ++count
    const [email, phone, username] = [`person${n}@example.com`, `+4479111${String(23_000 + n)}`, `person${n}`]
    const verifiedAt = storage.clock.now()
    const made = await accounts.create({ identifiers: [{ kind: 'email', value: email, verifiedAt }, { kind: 'phone', value: phone, verifiedAt }, { kind: 'username', value: username }] })
    if (!made.ok) throw new Error('taken')
    const { id } = made.account
    const { key } = await verification.totp.begin(made.account, 'set-up')
    const appShows = () => appCode(key, storage.clock.now())
    const confirmed = await verification.totp.confirm(made.account, 'set-up', appShows())
    if (!confirmed.ok) throw new Error(`the app was not taken: ${confirmed.reason}`)
    const { codes } = await verification.recoveryCodes.make((await storage.accounts.get(id))!)
    await storage.accounts.update(id, (current) => ({ ...current, createdAt: current.createdAt - 1_000_000, ...more }))
    // The step that set it up is spent.
    server.advance(30_000)
    return { account: (await storage.accounts.get(id))!, email, phone, username, appCode: appShows, recoveryCodes: codes }
  }

  return {
    ...server,
    somebody,
    account: (id) => storage.accounts.get(id),
    messageTo: (to, known = []) => {
      const seen = new Set(known.map(identity))
      return eventually(`a message to ${to}`, async () => (await server.outbox()).find((mail) => mail.to === to && !seen.has(identity(mail))))
    },
  }
}

const identity = ({ at, to, text }: Mail) => JSON.stringify([at, to, text])

/** The code that stands first in a text, or alone on a line of a mail. */
export const codeIn = ({ text }: Mail): string => /^\s*(\d{6,8})\b/m.exec(text)?.[1] ?? ''
