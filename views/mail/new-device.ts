import { type Mail, type MailContext, letter } from './layout.ts'
import { deviceName, readableTime } from './translate.ts'

export interface NewDeviceProps {
  /** ms since 1970 */
  at: number
  /** "Chrome on Windows" */
  device: string
  method: 'passkey' | 'email_otp'
  /** false: a known device, but a weaker way than the account has */
  firstTime: boolean
  hasPasskey: boolean
}

export function newDeviceMail(mail: MailContext, { at, device, method, firstTime, hasPasskey }: NewDeviceProps): Mail {
  const { t, locale, brand } = mail
  return letter(mail, t('new_device.subject', { brand: brand.name }), [
    t('new_device.what', { device: deviceName(device, t), time: readableTime(at, locale), method }),
    t(firstTime ? 'new_device.first_time' : 'new_device.seen_before'),
    ...(hasPasskey && method !== 'passkey' ? [t('new_device.use_passkey')] : []),
    ...(brand.helpUrl === undefined ? [] : [t('help', { help: brand.helpUrl })]),
  ])
}
