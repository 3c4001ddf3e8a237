import type { Translate } from '../../src/i18n/index.ts'

/** What an app may see or do, in words. `email`: the address, where it is known. */
export function scopeInWords(t: Translate, scope: string, email?: string): string {
  switch (scope) {
    case 'email':
      return email ? t('login.consent.email', { email }) : t('login.consent.email_plain')
    case 'openid':
    case 'profile':
    case 'phone':
    case 'offline_access':
      return t(`login.consent.${scope}`)
    default:
      return t('login.consent.other', { scope })
  }
}
