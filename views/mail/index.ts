import type { Locale } from '../../src/i18n/index.ts'
import { type CodeMailProps, codeMail } from './code.ts'
import type { Mail, MailBrand, MailContext } from './layout.ts'
import { type NewDeviceProps, newDeviceMail } from './new-device.ts'
import { type PasskeyAddedProps, passkeyAddedMail } from './passkey-added.ts'
import { mailTranslator } from './translate.ts'

type InLanguage<Props> = (props: Props & { locale?: string }) => Mail

/** Every mail, each written in its reader's language. */
export interface Mails {
  code: InLanguage<CodeMailProps>
  passkeyAdded: InLanguage<PasskeyAddedProps>
  newDevice: InLanguage<NewDeviceProps>
}

/** `fallback`: the language of readers whose own is not known */
export function createMails(brand: MailBrand, fallback: Locale): Mails {
  const inLanguage =
    <Props>(write: (mail: MailContext, props: Props) => Mail): InLanguage<Props> =>
    (props) =>
      write({ ...mailTranslator(props.locale, fallback), brand }, props)

  return { code: inLanguage(codeMail), passkeyAdded: inLanguage(passkeyAddedMail), newDevice: inLanguage(newDeviceMail) }
}
