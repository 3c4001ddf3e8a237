import type { Visitor } from './session.ts'

/** usernames that an account may take, and in what time (ms): each that it gives up is kept from everybody for as long */
const most = 3
const window = 7 * 24 * 60 * 60 * 1000

const keyOf = ({ account }: Visitor): string => `usernames taken:${account.id}`

/** Counts one username that is about to be taken. undefined: go on; otherwise when the next one may be (ms). */
export function spendRename(visitor: Visitor): Promise<number | undefined> {
  const { now } = visitor
  return visitor.deps.storage.ephemeral.update<number[], number | undefined>(keyOf(visitor), (current = []) => {
    const taken = current.filter((at) => at > now - window)
    const [first] = taken
    if (first !== undefined && taken.length >= most) return { next: 'keep', result: first + window }
    return { next: { value: [...taken, now], expiresAt: now + window }, result: undefined }
  })
}

/** It was not taken after all. */
export async function refundRename(visitor: Visitor): Promise<void> {
  const { now } = visitor
  await visitor.deps.storage.ephemeral.update<number[], undefined>(keyOf(visitor), (current = []) => {
    const spent = current.indexOf(now)
    return { next: spent < 0 ? 'keep' : { value: current.toSpliced(spent, 1), expiresAt: now + window }, result: undefined }
  })
}
