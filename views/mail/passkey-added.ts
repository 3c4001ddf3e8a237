import { type Mail, type MailContext, letter } from './layout.ts'
import { notMe, type NotMe } from './not-me.ts'
import { passkeyName, type NamedPasskey } from './passkey-name.ts'
import { timeAndPlace, type Where } from './where.ts'

export interface PasskeyAddedProps extends NamedPasskey, Where, NotMe {}

export function passkeyAddedMail(mail: MailContext, props: PasskeyAddedProps): Mail {
  const { t, brand } = mail
  return letter(mail, t('passkey_added.subject', { brand: brand.name }), [
    t('passkey_added.what', { name: passkeyName(mail, props), where: timeAndPlace(mail, props) }),
    t('passkey_added.meaning'),
    ...notMe(mail, props),
  ])
}
