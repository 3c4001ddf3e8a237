import { fullMinute, readableTime } from '../parts/time.ts'
import { type Mail, type MailContext, letter } from './layout.ts'
import { notMe, type NotMe } from './not-me.ts'
import { timeAndPlace, type Where } from './where.ts'

export interface RecoveryStartedProps extends Where, NotMe {
  /** ms since 1970: from here on it can go on */
  readyAt: number
}

export function recoveryStartedMail(mail: MailContext, props: RecoveryStartedProps): Mail {
  const { t, locale, brand } = mail
  return letter(mail, t('recovery_started.subject', { brand: brand.name }), [
    t('recovery_started.what', { where: timeAndPlace(mail, props), ready: readableTime(fullMinute(props.readyAt), locale) }),
    t('recovery_started.meaning'),
    ...notMe(mail, props),
  ])
}
