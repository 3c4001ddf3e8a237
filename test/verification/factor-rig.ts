import type { ExecutionContext } from 'ava'
import { methodsOf } from '../../src/policy/strategy.ts'
import { otherMethods, type OtherMethod } from '../../src/policy/types.ts'
import type { Account } from '../../src/storage/types.ts'
import { createBudgets } from '../../src/verification/budgets.ts'
import type { CheckInput } from '../../src/verification/method.ts'
import { createRecoveryCodes } from '../../src/verification/recovery-codes.ts'
import { createTotp } from '../../src/verification/totp.ts'
import { address } from './rig.ts'
import { openTestStore } from './store.ts'

export type FactorRig = Awaited<ReturnType<typeof createFactorRig>>

/** What people have rather than are sent, over the embedded store. Each address `<id>@example.com` is the account `<id>`. */
export async function createFactorRig(t: ExecutionContext, ids: string[] = ['ada']) {
  const store = await openTestStore(t)
  const { storage, keyring } = store
  for (const id of ids) {
    const value = `${id}@example.com`
    await storage.accounts.insert({ id, createdAt: storage.clock.now(), userHandle: id, credentialIds: [], identifiers: [{ kind: 'email', value, verifiedAt: 1 }] })
  }
  const account = async (id = 'ada'): Promise<Account> => {
    const found = await storage.accounts.get(id)
    if (!found) throw new Error('no such account')
    return found
  }
  const deps = {
    storage,
    keyring,
    accounts: { findByIdentifier: ({ value }: { value: string }) => storage.accounts.get(value.replace('@example.com', '')) },
    budgets: createBudgets({ ...storage, keyring }),
    display: ({ value }: { value: string }) => value,
    config: { theme: { name: 'Example' } },
  }
  const input = (code: string, { id = 'ada', ...more }: Partial<CheckInput> & { id?: string } = {}): CheckInput =>
    ({ cid: 'cid', purpose: 'sign_in', typed: address(`${id}@example.com`), code, ...more })
  const has = async (method: OtherMethod) => methodsOf(await account(), otherMethods).includes(method)
  const totp = createTotp(deps)
  const recoveryCodes = createRecoveryCodes(deps)
  return { ...store, account, has, input, totp, recoveryCodes, budgets: deps.budgets }
}
