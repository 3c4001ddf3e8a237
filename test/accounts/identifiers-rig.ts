/** Accounts and their identifiers, over a store whose process can be made to die. */
import type { ExecutionContext } from 'ava'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { createIdentifiers } from '../../src/accounts/identifiers.ts'
import { clientSchema } from '../../src/config/client-schema.ts'
import { serverSchema } from '../../src/config/schema.ts'
import type { Account, IdentifierKind } from '../../src/storage/types.ts'
import { createWorld } from './store.ts'

/** `apps`: what each says differently */
export const settingsOf = (identifiers: object, ...apps: object[]) => ({
  ...serverSchema.parse({ identifiers }),
  clients: apps.map((own) => ({ ...clientSchema.parse({ client_id: 'app', latchkey: { identifiers: own } }), client_name: 'App' })),
})
export const config = settingsOf({ email: { signUp: 'optional', max: 3 }, phone: { signIn: true, signUp: 'optional' }, username: { signIn: true, signUp: 'optional' } })
export const email = (value: string) => ({ kind: 'email' as const, value: `${value}@example.com` })
export const username = (value: string) => ({ kind: 'username' as const, value })
export const phone = (number: number) => ({ kind: 'phone' as const, value: `+12025550${100 + number}` })
export type Known = { kind: IdentifierKind; value: string }
export const idOf = ({ kind, value }: Known) => `${kind}:${value}`

export function open(t: ExecutionContext, settings: Parameters<typeof createIdentifiers>[0]['config'] = config) {
  const world = createWorld()
  t.teardown(world.close)
  const accounts = createAccounts(world.storage)
  const identifiers = createIdentifiers({ storage: world.storage, accounts, revocation: world.revocation, config: settings })
  const now = () => world.storage.clock.now()
  const holder = async (one: Known) => (await accounts.findByIdentifier(one))?.id
  const stateOf = async (one: Known) => (await world.storage.identifiers.get(idOf(one)))?.state
  const listed = async (id: string) => (await world.account(id)).identifiers.map(idOf)
  async function make(id: string, wanted: (Known & { verifiedAt?: number; addedAt?: number })[], more: Partial<Account> = {}): Promise<Account> {
    const outcome = await accounts.create({ identifiers: wanted, draft: { accountId: id, userHandle: `handle of ${id}` } })
    if (!outcome.ok) throw new Error(`taken: ${idOf(outcome.taken)}`)
    return (await world.storage.accounts.update(id, (account) => ({ ...account, ...more })))!
  }
  return { world, accounts, identifiers, now, holder, stateOf, listed, make }
}

export const proven = (one: Known) => ({ ...one, verifiedAt: 1 })
