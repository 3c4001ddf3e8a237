import { codesFor, type CodeFor } from './confirm-code.ts'
import type { Visitor } from './session.ts'

/**
 * What waits for a code, at most one thing in a session. `correct`: the value takes the place of `from`. `at` (ms): when
 * it was asked for, which is what the guard was asked about. `unsent`: the guard has not said yes so far.
 */
export type Pending = CodeFor & { at: number; unsent?: true } & ({ do: 'add' } | { do: 'confirm' } | { do: 'correct'; from: CodeFor })

/** ms: longer than a code works */
const life = 30 * 60 * 1000
const keyOf = ({ session, account }: Visitor): string => `account identifier:${session.uid}:${account.id}`

export const readPending = (visitor: Visitor): Promise<Pending | undefined> => visitor.deps.storage.ephemeral.get<Pending>(keyOf(visitor))

/** Remembers it and sends the code. A refusal is shown by the page of the code. @throws AppError `throttled` */
export async function startPending(visitor: Visitor, pending: Pending): Promise<void> {
  await keepPending(visitor, pending)
  await codesFor(visitor, pending).send()
}

export const keepPending = (visitor: Visitor, pending: Pending): Promise<void> =>
  visitor.deps.storage.ephemeral.set<Pending>(keyOf(visitor), pending, visitor.now + life)

/** Exactly one of two tabs goes on with it. */
export const takePending = (visitor: Visitor): Promise<Pending | undefined> => visitor.deps.storage.ephemeral.take<Pending>(keyOf(visitor))
