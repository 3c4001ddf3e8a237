import { readableTime } from '../parts/time.ts'
import { type Block, type Mail, type MailContext, letter } from './layout.ts'
import { deviceName } from './translate.ts'

export interface CodeMailProps {
  /**
   * `no_account`: an invitation; `account_exists`: a sign-up with an address that has an account; `passkeys_only`: there
   * is none to be had, and the mail has no code in it
   */
  variant: 'code' | 'no_account' | 'account_exists' | 'passkeys_only'
  code: string
  app: string
  /** ms for which the code works */
  life: number
  /** "Chrome on Windows" */
  asker: string
  /** ms since 1970 */
  at: number
}

/** The subject is the same for all variants that have a code: it shows on locked screens. */
export function codeMail(mail: MailContext, props: CodeMailProps): Mail {
  const brand = mail.brand.name
  const subjects = [mail.t('code.subject', { code: props.code, brand }), mail.t('passkeys_only.subject', { brand })] as const
  const withoutCode = props.variant === 'passkeys_only'
  return letter(mail, subjects[withoutCode ? 1 : 0], [...(withoutCode ? [] : [{ code: props.code }]), ...words(mail, props)])
}

/** All variants are written and one is taken, so that the time it takes does not tell which. */
function words({ t, locale, brand }: MailContext, { variant, app, life, asker, at }: CodeMailProps): Block[] {
  const variants: Record<CodeMailProps['variant'], Block[]> = {
    code: [
      t('code.usual', { app, minutes: Math.floor(life / 60_000) }),
      t('code.asked', { device: deviceName(asker, t), time: readableTime(at, locale) }),
      t('code.usual_not_you'),
    ],
    no_account: [t('code.no_account', { brand: brand.name }), t('code.not_you')],
    account_exists: [t('code.account_exists', { brand: brand.name }), t('code.not_you')],
    passkeys_only: [t('passkeys_only.text'), t('code.not_you')],
  }
  return variants[variant]
}
