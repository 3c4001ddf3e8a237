import type { PageContext } from '../page.ts'

/** "Chrome on Windows" in the reader's language; a name of another form stays as it is. */
export function deviceName({ t }: PageContext, label: string): string {
  const [, browser, platform] = /^(.+) on (.+)$/.exec(label) ?? []
  return browser !== undefined && platform !== undefined ? t('page.device', { browser, platform }) : label
}
