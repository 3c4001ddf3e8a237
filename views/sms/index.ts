import { IntlMessageFormat } from 'intl-messageformat'
import type { Locale } from '../../src/i18n/index.ts'
import de from '../locales/sms.de.json' with { type: 'json' }
import en from '../locales/sms.en.json' with { type: 'json' }
import { type CodeTextProps, codeText } from './code.ts'
import { passkeyAddedText } from './passkey-added.ts'

export type { CodeTextProps } from './code.ts'

type TextKey = keyof typeof en

/** Who the texts come from. */
export interface TextBrand {
  name: string
  /** the login's host, as the address bar shows it */
  host: string
}

/** What every text knows about its reader. */
export interface TextContext {
  t(key: TextKey, values: Record<string, string | number>): string
  brand: TextBrand
}

/** Every text message, each written in its reader's language. */
export interface Texts {
  code(props: CodeTextProps & { locale?: string }): string
  passkeyAdded(props: { locale?: string }): string
}

const words: Record<Locale, Record<TextKey, string>> = { en, de }

const parsed = (locale: Locale) =>
  Object.fromEntries(Object.entries(words[locale]).map(([key, text]) => [key, new IntlMessageFormat(text, locale)])) as Record<TextKey, IntlMessageFormat>
const messages: Record<Locale, Record<TextKey, IntlMessageFormat>> = { en: parsed('en'), de: parsed('de') }

/** `fallback`: the language of readers whose own is not known */
export function createTexts(brand: TextBrand, fallback: Locale): Texts {
  const contextIn = (locale: string | undefined): TextContext => {
    const known = locale !== undefined && Object.hasOwn(words, locale) ? (locale as Locale) : fallback
    return { brand, t: (key, values) => String(messages[known][key].format(values)) }
  }

  return {
    code: ({ locale, ...props }) => codeText(contextIn(locale), props),
    passkeyAdded: ({ locale }) => passkeyAddedText(contextIn(locale)),
  }
}
