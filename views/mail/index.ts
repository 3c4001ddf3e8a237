import type { Locale } from '../../src/i18n/index.ts'
import { type CodeMailProps, codeMail } from './code.ts'
import { type DetailsChangedProps, detailsChangedMail } from './details-changed.ts'
import type { Mail, MailBrand, MailContext } from './layout.ts'
import { type NewDeviceProps, newDeviceMail } from './new-device.ts'
import { type PasskeyAddedProps, passkeyAddedMail } from './passkey-added.ts'
import { type PasskeyRemovedProps, passkeyRemovedMail } from './passkey-removed.ts'
import { type RecoveryStartedProps, recoveryStartedMail } from './recovery-started.ts'
import { type RecoveryUsedProps, recoveryUsedMail } from './recovery-used.ts'
import { mailTranslator } from './translate.ts'

type InLanguage<Props> = (props: Props & { locale?: string }) => Mail

/** Every mail, each written in its reader's language. */
export interface Mails {
  code: InLanguage<CodeMailProps>
  passkeyAdded: InLanguage<PasskeyAddedProps>
  passkeyRemoved: InLanguage<PasskeyRemovedProps>
  newDevice: InLanguage<NewDeviceProps>
  recoveryStarted: InLanguage<RecoveryStartedProps>
  recoveryUsed: InLanguage<RecoveryUsedProps>
  detailsChanged: InLanguage<DetailsChangedProps>
}

/** `fallback`: the language of readers whose own is not known */
export function createMails(brand: MailBrand, fallback: Locale): Mails {
  const inLanguage =
    <Props>(write: (mail: MailContext, props: Props) => Mail): InLanguage<Props> =>
    (props) =>
      write({ ...mailTranslator(props.locale, fallback), brand }, props)

  return {
    code: inLanguage(codeMail),
    passkeyAdded: inLanguage(passkeyAddedMail),
    passkeyRemoved: inLanguage(passkeyRemovedMail),
    newDevice: inLanguage(newDeviceMail),
    recoveryStarted: inLanguage(recoveryStartedMail),
    recoveryUsed: inLanguage(recoveryUsedMail),
    detailsChanged: inLanguage(detailsChangedMail),
  }
}
