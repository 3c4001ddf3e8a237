import type { NotCreated } from '../../src/passkeys/index.ts'
import type { Place } from '../../src/policy/cross-device.ts'
import type { PageContext } from '../page.ts'
import type { Choice } from './creation.ts'
import { passkeyNotice, type Platform } from './passkey-notice.ts'

export interface WhyNotCreated {
  reason: NotCreated
  /** where it was to be kept */
  place?: Place
  platform?: Platform
  /** where trying again may work, best first */
  choices?: Choice[]
  /** the app needs one: there is no going on without */
  required?: boolean
  /** the account would have been made with it */
  signUp?: boolean
}

/** Why there is no new passkey, and, where another place is what helps, the words of the button for it. */
export function notCreated(page: PageContext, { reason, place, platform, choices = [], required, signUp }: WhyNotCreated): { title: string; text: string; again?: string } {
  const { t, theme } = page
  const title = t('login.passkey_not_created.closed_title')
  const app = page.app && !page.app.own ? page.app.name : theme.name
  const again = choices[0]?.place === 'elsewhere' ? t('creation.show') : t('login.passkey_create.create')
  switch (reason) {
    case 'exists':
      return place === 'elsewhere'
        ? { title: t('login.passkey_not_created.exists_title_elsewhere'), text: t('login.passkey_not_created.exists_elsewhere') }
        : { title: t('login.passkey_not_created.exists_title'), text: t('login.passkey_not_created.exists') }
    case 'not_here':
      return { title, text: t('login.passkey_not_created.not_here', { app }), again }
    case 'not_elsewhere':
      return { title, text: t('login.passkey_not_created.not_elsewhere', { app }), again }
    case 'key_refused':
      return { title, text: t('login.passkey_not_created.key_refused'), again: choices[0]?.place === 'here' ? t('creation.here') : t('creation.another_key') }
    case 'no_verification':
      return { title, text: passkeyNotice(page, 'no_verification', platform && { platform }).text }
    case 'nowhere':
      return { title, text: t('login.passkey_not_created.nowhere') }
    case 'closed':
      return { title, text: t(signUp ? 'login.passkey_not_created.closed_sign_up' : required ? 'login.passkey_not_created.closed_required' : 'login.passkey_not_created.closed') }
    case 'failed':
      return { title, text: t(signUp ? 'login.passkey_not_created.closed_sign_up' : required ? 'login.passkey_not_created.failed_required' : choices.length > 0 ? 'login.passkey_not_created.failed_retry' : 'login.passkey_not_created.failed') }
  }
}
