import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { type Way, wayButton } from '../parts/ways.ts'
import { otherWay, waysOut } from '../parts/ways-out.ts'

export interface PasskeyProps {
  email?: string
  options: object
  stepUp?: boolean
  /** open the dialog on load: only where it will very likely work */
  automatic?: boolean
  freshRetry?: boolean
  /** other ways; a code by email stands on the page, the rest behind "Try another way" */
  ways: Way[]
}

/** Use your passkey: the dialog is one press away. */
export function passkeyPage(page: PageContext, props: PasskeyProps): Html {
  const { t } = page
  const { email, options } = props
  const title = t(props.stepUp ? 'login.step_up.title' : 'login.passkey.title')
  const code = props.ways.find(({ method }) => method === 'email_otp')
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
        automatic: props.automatic ?? false,
        freshRetry: props.freshRetry,
      }),
      withoutPasskeys(page),
      when(code, (way) => wayButton(page, way, 'outline', { email }, email && t('way.send_code_instead', { email }))),
      status(page),
      waysOut(page, props.ways.some(({ method }) => method !== 'passkey') ? otherWay(page) : ''),
    ],
  })
}
