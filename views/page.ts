import type { HtmlSafeString } from 'escape-html-template-tag'
import type { Locale, Translate } from '../src/i18n/index.ts'

/** Escaped markup: what every view returns and every part takes. */
export type Html = HtmlSafeString

/** The app that started the sign-in, as its pages may show it. */
export interface PageApp {
  name: string
  /** its registered home page, never an address from the request */
  homeUrl?: string
  policyUrl?: string
  termsUrl?: string
  /** our own account pages, which people know by no other name */
  own?: boolean
}

/** What every page knows, whoever renders it. */
export interface PageContext {
  t: Translate
  locale: Locale
  locales: Locale[]
  theme: { name: string; logoUrl?: string; helpUrl?: string; privacyUrl?: string; termsUrl?: string }
  /** hashed stylesheet with the operator's (and the app's) accent */
  themeCssUrl: string
  /** hashed address of a file in views/assets */
  asset(name: string): string
  csrf: string
  /** of this page: where a change of language comes back to */
  path: string
  /** where the sign-in goes on to */
  app?: PageApp
  /** `/interaction/<uid>` on login pages, '' elsewhere: forms post to `${base}/…` */
  base: string
  /** the built-in mailbox, where mails go to no mail server */
  mailboxUrl?: string
  /** the same page, where text messages go to no receiver */
  phoneUrl?: string
  /** what the address bar should say, for the advice against wrong addresses */
  host?: string
}

/** The page as text, ready to send. */
export function render(page: Html): string {
  return `<!doctype html>\n${page}`
}

/** Markup that is only there sometimes. */
export function when<T>(value: T | undefined | null | false | '', markup: (value: T) => Html): Html | '' {
  return value === undefined || value === null || value === false || value === '' ? '' : markup(value)
}
