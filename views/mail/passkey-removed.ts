import { readableDate } from '../parts/time.ts'
import { type Mail, type MailContext, letter } from './layout.ts'
import { notMe, type NotMe } from './not-me.ts'
import { passkeyName, type NamedPasskey } from './passkey-name.ts'
import { timeAndPlace, type Where } from './where.ts'

export interface PasskeyRemovedProps extends NamedPasskey, Where, NotMe {
  /** ms since 1970 */
  createdAt: number
  /** what still opens the account */
  left: { passkeys: boolean; code: boolean }
}

export function passkeyRemovedMail(mail: MailContext, props: PasskeyRemovedProps): Mail {
  const { t, locale, brand } = mail
  const { createdAt, left } = props
  const ways = [...(left.passkeys ? [t('passkey_removed.passkey')] : []), ...(left.code ? [t('passkey_removed.code')] : [])]
  return letter(mail, t('passkey_removed.subject', { brand: brand.name }), [
    t('passkey_removed.what', { name: passkeyName(mail, props), date: readableDate(createdAt, locale) }),
    t('passkey_removed.when', { where: timeAndPlace(mail, props) }),
    ...(ways.length > 0 ? [t('passkey_removed.left', { ways: new Intl.ListFormat(locale, { type: 'disjunction' }).format(ways) })] : []),
    ...notMe(mail, props),
  ])
}
