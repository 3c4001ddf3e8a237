import { IntlMessageFormat } from 'intl-messageformat'
import type { Locale } from '../../src/i18n/index.ts'
import de from '../locales/mail.de.json' with { type: 'json' }
import en from '../locales/mail.en.json' with { type: 'json' }

export type MailTextKey = keyof typeof en
/** Plain text in the reader's language. */
export type TranslateMail = (key: MailTextKey, values?: Record<string, string | number>) => string

const texts: Record<Locale, Record<MailTextKey, string>> = { en, de }

/** A language that we do not have reads as `fallback`. */
export function mailTranslator(locale: string | undefined, fallback: Locale): { t: TranslateMail; locale: Locale } {
  const known = locale !== undefined && locale in texts ? (locale as Locale) : fallback
  return { locale: known, t: (key, values) => String(new IntlMessageFormat(texts[known][key], known).format(values)) }
}

/** "November 22, 2026 at 13:05 UTC" */
export function readableTime(at: number, locale: Locale): string {
  const format = new Intl.DateTimeFormat(locale, {
    day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    timeZone: 'UTC', timeZoneName: 'short',
  })
  return format.format(at)
}

/**
 * "Chrome on Windows" in the reader's language. It stems from a header that anybody can fill, so whatever does not look
 * like the names of a browser and a system stays out of a mail that we sign.
 */
export function deviceName(label: string, t: TranslateMail): string {
  const names = /^([A-Za-z0-9 ()-]{1,40}) on ([A-Za-z0-9 ()-]{1,40})$/.exec(label)
  return names ? t('device', { browser: names[1]!, platform: names[2]! }) : t('device.unknown')
}
