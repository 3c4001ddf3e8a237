import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { wayButton } from '../parts/ways.ts'
import { otherWay, waysOut, withoutNewPasskey } from '../parts/ways-out.ts'

export interface GuardProps {
  email: string
  /** the request for a passkey of this account: one of these has to be used first */
  options?: object
  /** else a code proves enough */
  canSendCode: boolean
  /** the sign-in may end without a new passkey */
  canContinue: boolean
}

/** A passkey may not be added now: why, and the way that makes it possible. */
export function guardPage(page: PageContext, { email, options, canSendCode, canContinue }: GuardProps): Html {
  const { t } = page
  return layout(page, {
    title: t(options ? 'login.guard.title' : 'login.guard.title_sign_in'),
    body: [
      heading(page, t(options ? 'login.guard.title' : 'login.guard.title_sign_in'), { toApp: false, icon: 'lock' }),
      html`<p>${t(options ? 'login.guard.text' : 'login.guard.text_sign_in')}</p>`,
      identityRow(page, email, { change: false }),
      options
        ? [passkeyForm(page, { options, label: t('login.step_up.confirm'), kind: 'primary' }), withoutPasskeys(page, canContinue ? 'below' : 'nowhere')]
        : canSendCode
          ? wayButton(page, 'email_otp', 'primary', { email })
          : '',
      canContinue ? withoutNewPasskey(page, options || canSendCode ? 'outline' : 'primary', options !== undefined) : '',
      status(page),
      waysOut(page, options ? otherWay(page) : ''),
    ],
  })
}
