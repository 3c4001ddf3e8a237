import { few } from '../parts/recovery-codes.ts'
import { type Mail, type MailContext, letter } from './layout.ts'
import { notMe, type NotMe } from './not-me.ts'
import { timeAndPlace, type Where } from './where.ts'

export interface RecoveryUsedProps extends Where, NotMe {
  /** recovery codes that are left; absent: what was used is a recovery that had waited */
  codesLeft?: number
}

export function recoveryUsedMail(mail: MailContext, props: RecoveryUsedProps): Mail {
  const { t, brand } = mail
  const { codesLeft } = props
  const where = timeAndPlace(mail, props)
  const byCode = codesLeft !== undefined
  return letter(mail, t(byCode ? 'recovery_used.subject' : 'recovery_finished.subject', { brand: brand.name }), [
    byCode ? t('recovery_used.what', { where, n: codesLeft }) : t('recovery_finished.what', { where }),
    t('recovery_used.meaning'),
    ...(codesLeft !== undefined && codesLeft <= few ? [t('recovery_used.few', { n: codesLeft })] : []),
    ...notMe(mail, props),
  ])
}
