import { AppError, unlessTaken } from '../errors.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Account, Storage } from '../storage/types.ts'
import { createReservations, entryIn, idOf, type Known } from './reservations.ts'

export interface NewAccount extends Pick<Account, 'locale' | 'signedUp' | 'name' | 'factors'> {
  /** as the normaliser gives them, the primary one of each kind first */
  identifiers: (Known & { verifiedAt?: number })[]
  /** drawn before, because a passkey was made for it */
  draft?: { accountId: string; userHandle: string }
  /** ms; now by default */
  createdAt?: number
}

/** `account`: who has it; absent when it is on its way to an account, or was given up of late. */
export type Creation = { ok: true; account: Account } | { ok: false; taken: Known; account?: Account }

export interface Accounts {
  get(id: string): Promise<Account | undefined>
  /** As the normaliser gives it. Costs the same reads whether there is an account or not. */
  findByIdentifier(identifier: Known): Promise<Account | undefined>
  /** All of it or nothing: of parallel calls for an identifier one makes the account, the others are told who has it. */
  create(input: NewAccount): Promise<Creation>
  /** the language that its mails are in from now on; writes only what is new */
  rememberLocale(account: Account, locale: string): Promise<void>
  /** what the person says of themselves; without `name` there is none */
  setProfile(accountId: string, profile: Pick<Account, 'name' | 'locale'>): Promise<void>
  /** the addresses that notices go to, the primary one first */
  provenEmails(account: Account): string[]
  /** E.164, the primary one first */
  provenPhones(account: Account): string[]
}

/** A creation that was overtaken starts again under another id; whoever is overtaken so often is told that it is taken. */
const attempts = 4

/**
 * Accounts and the identifiers that find them. No write spans both, so creation goes in an order that a crash may cut
 * short anywhere: every identifier pending, in one order for everybody; the account, which is what counts; every
 * identifier active. Before the account there is nothing but reservations that lapse, after it nothing is missing that
 * the next look-up does not repair (`reservations.ts`).
 */
export function createAccounts({ accounts, identifiers, clock }: Pick<Storage, 'accounts' | 'identifiers' | 'clock'>): Accounts {
  const reservations = createReservations({ accounts, identifiers, clock })
  const findByIdentifier = (identifier: Known): Promise<Account | undefined> => reservations.holder(idOf(identifier))

  async function create(input: NewAccount): Promise<Creation> {
    for (let left = input.draft ? 1 : attempts; left > 0; left -= 1) {
      const outcome = await attempt(input)
      if (outcome) return outcome
    }
    const [first] = input.identifiers
    if (!first) throw new AppError('internal', 'an account without identifiers')
    const account = await findByIdentifier(first)
    return { ok: false, taken: { kind: first.kind, value: first.value }, ...(account && { account }) }
  }

  /** undefined: somebody else needed what we had reserved, and saw to it that this account is never made */
  async function attempt({ draft, createdAt, identifiers: wanted, ...more }: NewAccount): Promise<Creation | undefined> {
    const account: Account = {
      id: draft?.accountId ?? randomId(),
      createdAt: createdAt ?? clock.now(),
      userHandle: draft?.userHandle ?? randomId(32),
      identifiers: wanted,
      credentialIds: [],
      ...more,
    }
    const taken = await reserveAll(wanted, account.id)
    if (taken) return taken
    const stored = (await unlessTaken(accounts.insert(account))) ? account : await accounts.get(account.id)
    // The same request sent twice made it, or sends it again after a crash.
    if (stored?.userHandle !== account.userHandle || !wanted.every((one) => entryIn(stored, one))) {
      await freeAll(wanted, account.id)
      return undefined
    }
    for (const one of wanted) {
      if (await reservations.activate(idOf(one), account.id)) continue
      const again = await reservations.reserve(one, account.id)
      if (!again.ok) return withdraw(one, account.id, wanted, again.holder)
      await reservations.activate(idOf(one), account.id)
    }
    return { ok: true, account: stored }
  }

  async function reserveAll(wanted: Known[], accountId: string): Promise<Creation | undefined> {
    // In one order, so that of two who want the same ones one gets them all.
    for (const one of wanted.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))) {
      const outcome = await reservations.reserve(one, accountId)
      if (outcome.ok) continue
      await freeAll(wanted, accountId)
      return { ok: false, taken: { kind: one.kind, value: one.value }, ...(outcome.holder && { account: outcome.holder }) }
    }
    return undefined
  }

  async function freeAll(wanted: Known[], accountId: string): Promise<void> {
    for (const one of wanted) await reservations.free(idOf(one), accountId)
  }

  /** Its double freed what it had reserved, and somebody else was quicker: nobody has seen the account yet. */
  async function withdraw({ kind, value }: Known, accountId: string, wanted: Known[], holder: Account | undefined): Promise<Creation> {
    await accounts.delete(accountId)
    await freeAll(wanted, accountId)
    return { ok: false, taken: { kind, value }, ...(holder && { account: holder }) }
  }

  const proven = (account: Account, wanted: 'email' | 'phone'): string[] =>
    account.identifiers.filter(({ kind, verifiedAt }) => kind === wanted && verifiedAt !== undefined).map(({ value }) => value)

  return {
    get: (id) => accounts.get(id),
    findByIdentifier,
    create,
    async setProfile(accountId, profile) {
      await accounts.update(accountId, ({ name: _, ...current }) => ({ ...current, ...profile }))
    },
    async rememberLocale(account, locale) {
      if (account.locale === locale) return
      await accounts.update(account.id, (current) => (current.locale === locale ? undefined : { ...current, locale }))
    },
    provenEmails: (account) => proven(account, 'email'),
    provenPhones: (account) => proven(account, 'phone'),
  }
}
