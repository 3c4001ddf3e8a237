import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { wayButton, withoutPasskey, type Targets } from '../parts/ways.ts'
import { otherWay, waysOut } from '../parts/ways-out.ts'

export interface PasskeyProps {
  email?: string
  to?: Targets
  options: object
  stepUp: boolean
  freshRetry?: boolean
  /** the dialog opens by itself */
  auto?: boolean
  /** other ways; the first that needs no passkey stands on the page, the rest behind "Try another way" */
  others: Way[]
}

/** Use your passkey: the dialog is one press away. */
export function passkeyPage(page: PageContext, props: PasskeyProps): Html {
  const { t } = page
  const { email, to, options } = props
  const other = withoutPasskey(props.others)
  const title = t(props.stepUp ? 'login.step_up.title' : 'login.passkey.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'passkey' }),
      when(email, (address) => identityRow(page, address, { change: !props.stepUp })),
      html`<p>${t('login.passkey.text')}</p>`,
      passkeyForm(page, {
        options,
        label: t(props.stepUp ? 'login.step_up.confirm' : 'passkey.continue'),
        kind: 'primary',
        auto: props.auto,
        freshRetry: props.freshRetry,
      }),
      withoutPasskeys(page, other ? 'below' : 'nowhere'),
      when(other, (way) => wayButton(page, way, 'outline', { to }, { label: way === 'email_otp' && to?.email ? t('way.send_code_instead', { email: to.email }) : undefined })),
      status(page),
      waysOut(page, props.others.length > 0 ? otherWay(page) : ''),
    ],
  })
}
