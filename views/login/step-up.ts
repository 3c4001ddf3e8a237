import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { wayButton } from '../parts/ways.ts'
import { goOnWithout, otherWay, waysOut } from '../parts/ways-out.ts'

export interface StepUpProps {
  email: string
  /** the request for a passkey of this account, when there is one that can be used */
  options?: object
  /** a passkey may be created on the way */
  canCreate: boolean
  /** the app would rather have more, but takes what there is */
  canSkip: boolean
  /** other ways that reach what the app asks for, best first */
  others: Way[]
}

/** Confirm it is you: only what is missing, by a way that reaches it. */
export function stepUpPage(page: PageContext, props: StepUpProps): Html {
  return props.options || props.others.length > 0 ? confirm(page, props) : needsPasskey(page, props)
}

function confirm(page: PageContext, { email, options, others: [best, ...rest], canSkip }: StepUpProps): Html {
  const { t, app } = page
  const title = t('login.step_up.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      app ? html`<p>${t('login.step_up.text', { app: app.name })}</p>` : '',
      identityRow(page, email, { change: false }),
      options
        ? [passkeyForm(page, { options, label: t('login.step_up.confirm'), kind: 'primary' }), withoutPasskeys(page, best === 'email_otp' || rest.includes('email_otp') || canSkip ? 'below' : 'nowhere')]
        : when(best, (way) => wayButton(page, way, 'primary', { email })),
      goOnWithout(page, canSkip),
      status(page),
      waysOut(page, (options ? best : rest[0]) ? otherWay(page) : ''),
    ],
  })
}

function needsPasskey(page: PageContext, { email, canCreate, canSkip }: StepUpProps): Html {
  const { t, app } = page
  const title = t('login.step_up.needs_title', { app: app?.name ?? '' })
  const back = app && t('page.back_to_app', { app: app.name })
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'passkey' }),
      html`<p>${t('login.step_up.needs_text')}</p>`,
      identityRow(page, email, { change: false }),
      canCreate
        ? [
            form(page, {
              action: `${page.base}/passkey-create`,
              body: [hidden('start', '1'), button(t('login.passkey_create.create'), { kind: 'primary', icon: 'passkey' })],
            }),
            html`<p class="small">${t('login.step_up.create_hint')}</p>`,
            goOnWithout(page, canSkip),
            status(page),
            waysOut(page),
          ]
        : [
            html`<p>${t('login.step_up.cannot_create')}</p>`,
            goOnWithout(page, canSkip),
            status(page),
            form(page, { action: `${page.base}/abort`, body: button(back ?? t('page.continue'), { kind: 'primary' }) }),
          ],
    ],
  })
}
