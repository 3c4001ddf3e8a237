import type { Locale } from '../../src/i18n/index.ts'

const timeFormat = (locale: Locale) =>
  new Intl.DateTimeFormat(locale, {
    day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    timeZone: 'UTC', timeZoneName: 'short',
  })
const shortFormat = (locale: Locale) =>
  new Intl.DateTimeFormat(locale, {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    timeZone: 'UTC', timeZoneName: 'short',
  })
const dateFormat = (locale: Locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })

const timeFormats: Record<Locale, Intl.DateTimeFormat> = { en: timeFormat('en'), de: timeFormat('de') }
const shortFormats: Record<Locale, Intl.DateTimeFormat> = { en: shortFormat('en'), de: shortFormat('de') }
const dateFormats: Record<Locale, Intl.DateTimeFormat> = { en: dateFormat('en'), de: dateFormat('de') }

/** The first full minute (ms) that is not before: shown without seconds, "after 13:05" must be true at 13:05. */
export const fullMinute = (at: number): number => Math.ceil(at / 60_000) * 60_000

/** "November 22, 2026 at 13:05 UTC": where a person is, neither a mail nor a page knows. */
export function readableTime(at: number, locale: Locale): string {
  return timeFormats[locale].format(at)
}

/** "Nov 22, 2026, 13:05 UTC": fits on one line of a small phone */
export function shortTime(at: number, locale: Locale): string {
  return shortFormats[locale].format(at)
}

/** "November 22, 2026" */
export function readableDate(at: number, locale: Locale): string {
  return dateFormats[locale].format(at)
}
