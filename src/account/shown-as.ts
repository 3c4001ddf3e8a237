import { readable } from '../accounts/readable.ts'
import { identifierKinds } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'

/** Whose account it is: its first identifier. */
export function shownAs({ identifiers }: Account): string | undefined {
  const first = identifierKinds.map((wanted) => identifiers.find(({ kind }) => kind === wanted)).find((entry) => entry !== undefined)
  return first && readable(first)
}
