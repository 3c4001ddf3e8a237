import type { IdentifierKind } from '../storage/types.ts'
import { unbrokenPhone } from './normalise-phone.ts'
import { readableEmail } from './readable-email.ts'

/** A stored identifier as people write it, for a page: numbers break nowhere. */
export const readable = ({ kind, value }: { kind: IdentifierKind; value: string }): string =>
  kind === 'email' ? readableEmail(value) : kind === 'phone' ? unbrokenPhone(value) : value
