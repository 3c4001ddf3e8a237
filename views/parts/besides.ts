import type { OtherMethod } from '../../src/policy/types.ts'
import type { PageContext } from '../page.ts'

/** What opens this account besides a passkey. */
export interface Besides {
  ways: OtherMethod[]
  /** one alone is not enough, two kinds are */
  together: boolean
}

/** "Yes, with a code by email, your authenticator app or a recovery code." */
export function besidesAnswer({ t, locale }: PageContext, { ways, together }: Besides): string {
  if (ways.length === 0) return t('besides.none')
  return t(together ? 'besides.together' : 'besides.yes', { ways: named({ t, locale }, ways, together) })
}

/** … of a passkey that stays on its device. */
export function besidesElsewhere({ t, locale }: PageContext, { ways, together }: Besides): string {
  if (ways.length === 0) return t('login.passkey_created.device_only')
  return t(together ? 'login.passkey_created.device_only_together' : 'login.passkey_created.device_only_ways', { ways: named({ t, locale }, ways, together) })
}

const named = ({ t, locale }: Pick<PageContext, 't' | 'locale'>, ways: OtherMethod[], together: boolean): string =>
  new Intl.ListFormat(locale, { type: together ? 'conjunction' : 'disjunction' }).format(ways.map((way) => t(`besides.${way}`)))
