import type { PageContext } from '../page.ts'

/** "Chrome on Windows" in the reader's language; a name that is no browser's stays as it is. */
export function deviceName({ t }: PageContext, label: string): string {
  if (label === 'Unknown browser') return t('page.device_unknown')
  if (label === 'operator') return t('page.device_operator')
  const [, made, number = ''] = /^(Phone|Security key)( \d+)?$/.exec(label) ?? []
  if (made !== undefined) return t(made === 'Phone' ? 'page.device_phone' : 'page.device_key') + number
  const [, browser, platform] = /^(.+) on (.+)$/.exec(label) ?? []
  return browser !== undefined && platform !== undefined ? t('page.device', { browser, platform }) : label
}
