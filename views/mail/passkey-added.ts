import { type Mail, type MailContext, letter } from './layout.ts'
import { deviceName, readableTime } from './translate.ts'

export interface PasskeyAddedProps {
  /** "Maya's iPhone" */
  name?: string
  /** "iCloud Keychain" */
  storedIn?: string
  /** ms since 1970 */
  at: number
  /** "Chrome on Windows" */
  device: string
}

export function passkeyAddedMail(mail: MailContext, { name, storedIn, at, device }: PasskeyAddedProps): Mail {
  const { t, locale, brand } = mail
  const both = name !== undefined && storedIn !== undefined && name !== storedIn
  const called = both ? t('passkey_added.name_and_place', { name, storedIn }) : (name ?? storedIn ?? t('passkey_added.unnamed'))
  return letter(mail, t('passkey_added.subject', { brand: brand.name }), [
    t('passkey_added.what', { name: called, time: readableTime(at, locale), device: deviceName(device, t) }),
    t('passkey_added.meaning'),
    ...(brand.helpUrl === undefined ? [] : [t('help', { help: brand.helpUrl })]),
  ])
}
