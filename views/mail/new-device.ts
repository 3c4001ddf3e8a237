import type { ProofMethod } from '../../src/policy/types.ts'
import { readableTime } from '../parts/time.ts'
import { type Mail, type MailContext, letter } from './layout.ts'
import { notMe, type NotMe } from './not-me.ts'
import { deviceAndPlace, type Where } from './where.ts'

export interface NewDeviceProps extends Where, NotMe {
  method: ProofMethod
  /** false: a known device, but a weaker way than the account has */
  firstTime: boolean
  hasPasskey: boolean
}

export function newDeviceMail(mail: MailContext, props: NewDeviceProps): Mail {
  const { t, locale, brand } = mail
  const { at, method, firstTime, hasPasskey } = props
  return letter(mail, t('new_device.subject', { brand: brand.name }), [
    t('new_device.what', { device: deviceAndPlace(mail, props), time: readableTime(at, locale), method }),
    t(firstTime ? 'new_device.first_time' : 'new_device.seen_before'),
    ...(hasPasskey && method !== 'passkey' ? [t('new_device.use_passkey')] : []),
    ...notMe(mail, props),
  ])
}
