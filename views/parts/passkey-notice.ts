import type { PasskeyNotice } from '../../src/login/state.ts'
import type { Fabric } from '../../src/passkeys/index.ts'
import type { PageContext } from '../page.ts'

/** Where a screen lock is set up: picks the advice. */
export type Platform = 'windows' | 'ios' | 'mac' | 'android' | 'linux'

/** The server's own: the same passkey would come to the same. */
export const refusals: ReadonlySet<PasskeyNotice> = new Set<PasskeyNotice>(['refused', 'removed', 'frozen', 'not_elsewhere', 'wrong_domain', 'no_verification'])

export interface NoticeOf {
  platform?: Platform
  /** where the passkey is kept, "Apple Passwords" */
  keeper?: string
  /** what carries it from device to device */
  fabric?: Fabric
}

export function passkeyNotice(page: PageContext, notice: PasskeyNotice, { platform, keeper = 'none', fabric }: NoticeOf = {}): { title: string; text: string } {
  const { t, theme: { name: brand }, host, app } = page
  switch (notice) {
    case 'wrong_domain':
      return { title: t('passkey.wrong_domain.title'), text: host ? t('passkey.wrong_domain.text', { host }) : t('passkey.wrong_domain.text_plain') }
    case 'no_verification':
      if (platform === 'linux') return { title: t('passkey.no_verification.linux_title'), text: t('passkey.no_verification.linux') }
      return { title: t('passkey.no_verification.title'), text: t(`passkey.no_verification.${platform ?? 'text'}`) }
    case 'removed':
      return { title: t('passkey.removed.title'), text: t('passkey.removed.text', { keeper }) }
    case 'not_shown':
      return { title: t('passkey.not_shown.title', { keeper }), text: t('passkey.not_shown.text', { fabric: fabric ?? 'none' }) }
    case 'locked':
      return { title: t('passkey.locked.title'), text: t('passkey.locked.text', { brand, keeper }) }
    case 'not_elsewhere':
      return { title: t('passkey.not_elsewhere.title', { app: app?.name ?? brand }), text: t('passkey.not_elsewhere.text') }
    default:
      return { title: t(`passkey.${notice}.title`, { brand }), text: t(`passkey.${notice}.text`) }
  }
}
