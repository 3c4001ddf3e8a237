import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface GuardProps {
  email: string
  /** the way that makes the answer yes */
  way: 'passkey' | 'sign_in' | 'other_kind' | 'recovery'
  /** for way 'passkey': the request for a passkey of this account */
  options?: object
  freshRetry?: boolean
  /** the sign-in may end without a new passkey */
  canContinue: boolean
}

/** A passkey may not be added now: why, and the way that makes it possible. */
export function guardPage(page: PageContext, { email, way, options, freshRetry, canContinue }: GuardProps): Html {
  const { t } = page
  const needsPasskey = way === 'passkey' || way === 'recovery'
  const title = t(needsPasskey ? 'login.guard.title' : 'login.guard.title_sign_in')
  const text = t(needsPasskey ? 'login.guard.text' : way === 'sign_in' ? 'login.guard.text_sign_in' : 'login.guard.text_other_kind')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      html`<p>${text}</p>`,
      identityRow(page, email, { change: false }),
      way === 'sign_in'
        ? form(page, { action: `${page.base}/identifier`, body: [hidden('change', '1'), button(t('login.guard.sign_in'), { kind: 'primary' })] })
        : needsPasskey && options
          ? [passkeyForm(page, { options, label: t('login.step_up.confirm'), kind: 'primary', freshRetry }), withoutPasskeys(page)]
          : linkButton(t('page.other_way'), `${page.base}/methods`, 'primary'),
      canContinue
        ? form(page, { action: `${page.base}/passkey-create`, body: [hidden('not_now', '1'), button(t('login.guard.go_on'), { attributes: { 'data-lead-otherwise': needsPasskey } })] })
        : '',
      status(page),
      waysOut(page),
    ],
  })
}
