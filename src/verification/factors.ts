import { AppError, unlessTaken } from '../errors.ts'
import type { Account, Factor, Storage } from '../storage/types.ts'

/**
 * A factor in one write, in place of an older one, then the account that lists it: only both together count, so that after
 * a crash in between there is none. The guard was asked about the account as it was then: one that somebody froze
 * meanwhile gets none. @throws AppError `step_done`
 */
export async function putFactor(
  { accounts, factors }: Pick<Storage, 'accounts' | 'factors'>,
  account: Account,
  factor: Factor,
  listing: NonNullable<Account['factors']>,
): Promise<void> {
  const frozenThen = account.frozen?.changeIds ?? []
  const isFrozenAnew = ({ frozen }: Account) => frozen?.changeIds.some((id) => !frozenThen.includes(id)) === true
  if (!(await unlessTaken(factors.insert(factor)))) await factors.update(factor.id, () => factor)
  let listed = false
  await accounts.update(account.id, (current) => {
    listed = !isFrozenAnew(current)
    return listed ? { ...current, factors: { ...current.factors, ...listing } } : undefined
  })
  if (listed) return
  await factors.delete(factor.id)
  throw new AppError('step_done', 'the account was frozen, or went away, while it got a factor')
}
