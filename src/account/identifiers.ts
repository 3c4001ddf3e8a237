import { idOf } from '../accounts/reservations.ts'
import type { Config } from '../config/schema.ts'
import { hashId } from '../secrets/keyring.ts'
import type { Account, IdentifierKind } from '../storage/types.ts'
import { done, type Visitor } from './session.ts'

export type Entry = Account['identifiers'][number]

/** Names an identifier in an address without showing it there. */
export const refOf = (entry: Pick<Entry, 'kind' | 'value'>): string => hashId(idOf(entry)).slice(0, 22)

/** Since when the account has had it (ms). */
export const since = (entry: Entry, { createdAt }: Account): number => entry.addedAt ?? createdAt

/** Whether it still has to be shown to be theirs. */
export const isUnproven = ({ kind, verifiedAt }: Entry): boolean => kind !== 'username' && verifiedAt === undefined

/** How many of a kind an account may have. */
export const mostOf = ({ identifiers }: Pick<Config, 'identifiers'>, kind: IdentifierKind): number => (kind === 'username' ? 1 : identifiers[kind].max)

/** The account's own identifier that an address or a form names. undefined: it was removed meanwhile, and the answer says so. */
export async function entryAt(visitor: Visitor, ref: string | undefined): Promise<Entry | undefined> {
  const entry = visitor.account.identifiers.find((listed) => refOf(listed) === ref)
  if (!entry) await done(visitor, 'changed_elsewhere')
  return entry
}

/** A part of the address that the route names. */
export const paramOf = ({ ctx }: Pick<Visitor, 'ctx'>, name: string): string | undefined =>
  (ctx as typeof ctx & { params?: Record<string, string> }).params?.[name]
