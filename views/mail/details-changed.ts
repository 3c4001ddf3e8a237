import type { Detail } from '../../src/delivery/notices.ts'
import type { ChangeKind } from '../../src/storage/types.ts'
import { readableTime } from '../parts/time.ts'
import { type Mail, type MailContext, letter } from './layout.ts'
import { notMe, type NotMe } from './not-me.ts'
import type { MailTextKey } from './translate.ts'
import { timeAndPlace, type Where } from './where.ts'

/** What changed in the ways to sign in, besides passkeys. */
export interface DetailsChangedProps extends Where, NotMe {
  what: Detail
  /** an identifier as people write it; `totp` of a method */
  subject?: string
  /** `frozen`: all that was stopped */
  stopped?: ChangeKind[]
  /** ms since 1970: until when it can be stopped */
  until?: number
}

const words: Record<Detail, MailTextKey> = {
  recovery_cancelled: 'details_changed.recovery_cancelled',
  help_link_used: 'details_changed.help_link_used',
  passkeys_only_on: 'details_changed.passkeys_only_on',
  passkeys_only_off: 'details_changed.passkeys_only_off',
  recovery_codes_made: 'details_changed.recovery_codes_made',
  new_recovery_codes: 'details_changed.new_recovery_codes',
  frozen: 'details_changed.frozen',
  restored: 'details_changed.restored',
  kept: 'details_changed.kept',
  identifier_added: 'details_changed.identifier_added',
  identifier_removed: 'details_changed.identifier_removed',
  identifier_changed: 'details_changed.identifier_changed',
  identifier_confirmed: 'details_changed.identifier_confirmed',
  method_added: 'details_changed.method_added',
  method_removed: 'details_changed.method_removed',
}

const stoppedWords: Record<ChangeKind, MailTextKey> = {
  passkey_added: 'details_changed.stopped.passkey_added',
  passkey_removed: 'details_changed.stopped.passkey_removed',
  identifier_added: 'details_changed.stopped.identifier_added',
  identifier_removed: 'details_changed.stopped.identifier_removed',
  method_added: 'details_changed.stopped.method_added',
  method_removed: 'details_changed.stopped.method_removed',
  recovery_codes_made: 'details_changed.stopped.recovery_codes_made',
  recovery_code_used: 'details_changed.stopped.recovery_code_used',
  recovery_started: 'details_changed.stopped.recovery_started',
  passkeys_only_on: 'details_changed.stopped.passkeys_only_on',
  passkeys_only_off: 'details_changed.stopped.passkeys_only_off',
  new_device: 'details_changed.stopped.new_device',
}

export function detailsChangedMail(mail: MailContext, props: DetailsChangedProps): Mail {
  const { t, locale, brand } = mail
  const { what, subject = 'none', stopped = [], until, notMeUrl } = props
  return letter(mail, t('details_changed.subject', { brand: brand.name }), [
    t('details_changed.what', { what: t(words[what], { subject }), where: timeAndPlace(mail, props) }),
    ...(stopped.length > 0 ? [t('details_changed.stopped', { list: stopped.map((kind) => t(stoppedWords[kind])).join(' ') })] : []),
    ...(what === 'frozen' ? [t('details_changed.frozen_meaning')] : []),
    ...(until !== undefined && notMeUrl !== undefined ? [t('details_changed.until', { date: readableTime(until, locale) })] : []),
    ...notMe(mail, props),
  ])
}
