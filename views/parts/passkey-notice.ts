import type { PasskeyNotice } from '../../src/login/state.ts'
import type { PageContext } from '../page.ts'

/** Where a screen lock is set up: picks the advice. */
export type Platform = 'windows' | 'ios' | 'mac' | 'android' | 'linux'

/** The server's own: the same passkey would come to the same. */
export const refusals: ReadonlySet<PasskeyNotice> = new Set<PasskeyNotice>(['refused', 'removed', 'frozen', 'wrong_domain', 'no_verification'])

export function passkeyNotice(page: PageContext, notice: PasskeyNotice, { platform, keeper = 'none' }: { platform?: Platform; keeper?: string } = {}): { title: string; text: string } {
  const { t, theme, host } = page
  const title = t(`passkey.${notice}.title`, { brand: theme.name })
  if (notice === 'wrong_domain') return { title, text: host ? t('passkey.wrong_domain.text', { host }) : t('passkey.wrong_domain.text_plain') }
  if (notice === 'no_verification' && platform === 'linux') return { title: t('passkey.no_verification.linux_title'), text: t('passkey.no_verification.linux') }
  if (notice === 'no_verification') return { title, text: t(`passkey.no_verification.${platform ?? 'text'}`) }
  if (notice === 'removed') return { title, text: t('passkey.removed.text', { keeper }) }
  return { title, text: t(`passkey.${notice}.text`) }
}
