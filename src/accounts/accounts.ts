import { AppError, unlessTaken } from '../errors.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Account, Identifier, Storage } from '../storage/types.ts'

export interface Accounts {
  get(id: string): Promise<Account | undefined>
  /** `value` as `normaliseEmail` gives it. Costs the same reads whether there is an account or not. */
  findByEmail(value: string): Promise<Account | undefined>
  /**
   * Makes the account of a proven address, once: of parallel calls one gets `created: true`, the others get its account.
   * `AppError('already_exists')` when the address is being moved to an account, or was released by one.
   */
  createWithEmail(input: { email: string; verifiedAt: number; locale?: string }): Promise<{ account: Account; created: boolean }>
  /** the language that its mails are in from now on; writes only what is new */
  rememberLocale(account: Account, locale: string): Promise<void>
  /** the addresses that notices go to, the primary one first */
  provenEmails(account: Account): string[]
}

/** How long a pending identifier of an existing account counts as taken: its writer has crashed after that. */
const pendingLife = 60_000
/** No account has this id: reading it makes a miss cost what a hit costs. */
const nobody = '-'

/**
 * Accounts and the identifiers that find them. No write spans both, so creation goes in an order that can be resumed:
 * identifier pending, account, identifier active. Whoever finds a half-done creation completes it under the account id
 * that the identifier already names, so neither a crash nor a race makes a second account or blocks the address.
 */
export function createAccounts({ accounts, identifiers, clock }: Pick<Storage, 'accounts' | 'identifiers' | 'clock'>): Accounts {
  async function findByEmail(value: string): Promise<Account | undefined> {
    const identifier = await identifiers.get(emailId(value))
    const account = await accounts.get(identifier?.accountId ?? nobody)
    if (!identifier || !account || !holds(account, identifier)) return undefined
    await activate(identifier)
    return account
  }

  async function createWithEmail(input: { email: string; verifiedAt: number; locale?: string }) {
    const identifier = await reserve(input.email)
    const account: Account = {
      id: identifier.accountId,
      createdAt: clock.now(),
      userHandle: randomId(32),
      identifiers: [{ kind: 'email', value: input.email, verifiedAt: input.verifiedAt }],
      credentialIds: [],
      ...(input.locale !== undefined && { locale: input.locale }),
    }
    const created = identifier.state === 'pending' && (await unlessTaken(accounts.insert(account)))
    const stored = created ? account : await accounts.get(account.id)
    if (!stored || !holds(stored, identifier)) throw new AppError('already_exists', 'the address belongs to a change under way')
    await activate(identifier)
    return { account: stored, created }
  }

  /** The identifier of the address, ours or one that somebody else has begun: both name the account that shall have it. */
  async function reserve(email: string): Promise<Identifier> {
    const ours: Identifier = {
      id: emailId(email),
      kind: 'email',
      value: email,
      accountId: randomId(),
      state: 'pending',
      createdAt: clock.now(),
    }
    const found = await identifiers.get(ours.id)
    if (found === undefined) {
      if (await unlessTaken(identifiers.insert(ours))) return ours
      return (await identifiers.get(ours.id)) ?? ours
    }
    if (!(await isAbandoned(found))) return found
    const taken = await identifiers.update(ours.id, (current) => (sameState(current, found) ? ours : undefined))
    return taken ?? ours
  }

  /**
   * Left behind by an account that is gone (an id that was given out is never used again), or by a change of address that
   * did not get as far as its account. A pending one without any account is no such case: it is completed as it stands.
   */
  async function isAbandoned(identifier: Identifier): Promise<boolean> {
    const owner = await accounts.get(identifier.accountId)
    if (owner === undefined) return identifier.state !== 'pending'
    const stale = identifier.createdAt + pendingLife <= clock.now()
    return identifier.state === 'pending' && !lists(owner, identifier) && stale
  }

  async function activate(identifier: Identifier): Promise<void> {
    if (identifier.state === 'active') return
    await identifiers.update(identifier.id, (current) =>
      sameState(current, identifier) ? { ...current, state: 'active' } : undefined,
    )
  }

  return {
    get: (id) => accounts.get(id),
    findByEmail,
    createWithEmail,
    async rememberLocale(account, locale) {
      if (account.locale === locale) return
      await accounts.update(account.id, (current) => (current.locale === locale ? undefined : { ...current, locale }))
    },
    provenEmails: (account) =>
      account.identifiers.filter(({ kind, verifiedAt }) => kind === 'email' && verifiedAt !== undefined).map(({ value }) => value),
  }
}

const emailId = (value: string) => `email:${value}`

const lists = (account: Account, { kind, value }: Identifier) =>
  account.identifiers.some((listed) => listed.kind === kind && listed.value === value)

const holds = (account: Account, identifier: Identifier) => identifier.state !== 'released' && lists(account, identifier)

const sameState = (a: Identifier, b: Identifier) => a.accountId === b.accountId && a.state === b.state
