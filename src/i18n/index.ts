import { IntlMessageFormat } from 'intl-messageformat'
import type { Locale } from '../config/schema.ts'
import en from '../../views/locales/en.json' with { type: 'json' }
import de from '../../views/locales/de.json' with { type: 'json' }

export type TextKey = keyof typeof en
export type TextValues = Record<string, string | number>

/** A text in the reader's language. Plain text: the html tag escapes it. Throws when a placeholder has no value. */
export type Translate = (key: TextKey, values?: TextValues) => string

export type { Locale }

const texts: Record<Locale, Record<TextKey, string>> = { en, de }

/** What each language calls itself, for the buttons that switch to it. */
export const localeNames: Record<Locale, string> = { en: 'English', de: 'Deutsch' }

const translators = new Map<Locale, Translate>()

/** One translator per language for the life of the process; messages are parsed on first use. */
export function createTranslator(locale: Locale): Translate {
  const known = translators.get(locale)
  if (known) return known
  const made = translator(locale)
  translators.set(locale, made)
  return made
}

function translator(locale: Locale): Translate {
  const parsed = new Map<TextKey, IntlMessageFormat>()
  return (key, values) => {
    const text = texts[locale][key]
    // Most texts have no placeholder and no quoting: they are their own result.
    if (!text.includes('{')) return text
    let message = parsed.get(key)
    if (!message) parsed.set(key, (message = new IntlMessageFormat(text, locale)))
    return String(message.format(values))
  }
}
