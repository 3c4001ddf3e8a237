import { readableTime } from '../parts/time.ts'
import { type Block, type Mail, type MailContext, letter } from './layout.ts'
import type { MailTextKey } from './translate.ts'
import { deviceAndPlace } from './where.ts'

export interface CodeMailProps {
  /**
   * `no_account`: an invitation; `account_exists`: a sign-up with an address that has an account; `unproven`: the address
   * was given before, and nobody has shown that it is theirs; `confirm`: somebody who is known says it is theirs;
   * `passkeys_only`: there is nothing to be had, and the mail has neither code nor link
   */
  variant: 'code' | 'no_account' | 'account_exists' | 'unproven' | 'confirm' | 'passkeys_only'
  purpose: 'sign_in' | 'sign_up' | 'confirm'
  /** at least one of code and link */
  code?: string
  link?: string
  app: string
  /** ms for which they work */
  life: number
  /** "Chrome on Windows" */
  asker: string
  /** "Leeds" */
  place?: string
  /** ms since 1970 */
  at: number
}

/** The subject is the same for all variants that have a code: it shows on locked screens. */
export function codeMail(mail: MailContext, props: CodeMailProps): Mail {
  const { t, brand: { name: brand } } = mail
  const { code } = props
  const subjects = { code: t('code.subject', { code: code ?? '', brand }), link: t('code.subject_link', { brand }), neither: t('passkeys_only.subject', { brand }) }
  const without = props.variant === 'passkeys_only'
  const subject = without ? subjects.neither : code === undefined ? subjects.link : subjects.code
  return letter(mail, subject, [...(without || code === undefined ? [] : [{ code }]), ...words(mail, props)])
}

/** All variants are written and one is taken, so that the time it takes does not tell which. */
function words({ t, locale, brand: { name: brand } }: MailContext, { variant, purpose, code, link, app, life, asker, place, at }: CodeMailProps): Block[] {
  const minutes = Math.floor(life / 60_000)
  const how = code === undefined ? 'link' : 'code'
  const text = (key: MailTextKey) => t(key, { app, brand, minutes, how })
  const button = (label: MailTextKey): Block[] => [
    ...(link !== undefined && code !== undefined ? [text('code.or_link')] : []),
    ...(link === undefined ? [] : [{ button: t(label), url: link }]),
  ]
  const asked = t('code.asked', { device: deviceAndPlace({ t, locale }, { device: asker, ...(place !== undefined && { place: { city: place } }) }), time: readableTime(at, locale) })
  const variants: Record<CodeMailProps['variant'], Block[]> = {
    code: [text(link !== undefined && code === undefined ? 'code.link' : 'code.usual'), ...button(purpose === 'sign_in' ? 'code.sign_in' : 'code.go_on'), asked, text('code.usual_not_you')],
    no_account: [text('code.no_account'), ...button('code.go_on'), t('code.not_you')],
    account_exists: [text('code.account_exists'), ...button('code.sign_in'), t('code.not_you')],
    unproven: [text('code.unproven'), ...button('code.go_on'), asked, text('code.unproven_not_you')],
    confirm: [text('code.confirm'), ...button('code.confirm_button'), asked, text('code.confirm_not_you')],
    passkeys_only: [t('passkeys_only.text'), t('code.not_you')],
  }
  return variants[variant]
}
