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
  const known = locale !== undefined && Object.hasOwn(texts, locale) ? (locale as Locale) : fallback
  return { locale: known, t: translators[known] }
}

const translators: Record<Locale, TranslateMail> = { en: translator('en'), de: translator('de') }

function translator(locale: Locale): TranslateMail {
  const parsed = new Map<MailTextKey, IntlMessageFormat>()
  return (key, values) => {
    const message = parsed.get(key) ?? new IntlMessageFormat(texts[locale][key], locale)
    parsed.set(key, message)
    return String(message.format(values))
  }
}

const countries: Record<Locale, Intl.DisplayNames> = {
  en: new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }),
  de: new Intl.DisplayNames('de', { type: 'region', fallback: 'none' }),
}

/** The city, else the country in the reader's language; undefined when neither is known, or is not what it should be. */
export function placeName({ country, city }: { country?: string; city?: string } = {}, locale: Locale): string | undefined {
  if (city !== undefined && /^[\p{L}\p{M}\p{N} .,'’()-]{1,80}$/u.test(city)) return city
  return country !== undefined && /^[A-Z]{2}$/i.test(country) ? countries[locale].of(country.toUpperCase()) : undefined
}

/**
 * "Chrome on Windows" in the reader's language. It stems from a header that anybody can fill, so whatever does not look
 * like the names of a browser and a system stays out of a mail that we sign.
 */
export function deviceName(label: string, t: TranslateMail): string {
  if (label === 'operator') return t('device.operator')
  const names = /^([A-Za-z0-9 ()-]{1,40}) on ([A-Za-z0-9 ()-]{1,40})$/.exec(label)
  return names ? t('device', { browser: names[1]!, platform: names[2]! }) : t('device.unknown')
}
