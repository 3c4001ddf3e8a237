import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { type Way, wayButton } from '../parts/ways.ts'
import { otherWay, waysOut } from '../parts/ways-out.ts'

export interface StepUpProps {
  email: string
  /** the request for a passkey of this account, when there is one that can be used */
  options?: object
  freshRetry?: boolean
  /** a passkey can be used */
  can: boolean
  /** a passkey may be created on the way */
  canCreate: boolean
  /** the app would rather have more, but takes what there is */
  canSkip?: boolean
  /** other ways that reach what the app asks for */
  ways: Way[]
}

/** Confirm it is you: only what is missing, by a way that reaches it. */
export function stepUpPage(page: PageContext, props: StepUpProps): Html {
  const usable = props.can || props.ways.length > 0
  return usable ? confirm(page, props) : needsPasskey(page, props)
}

/** "Go on without it": the app is told what was really proven. */
function skip(page: PageContext, canSkip: boolean | undefined): Html | '' {
  return canSkip ? form(page, { action: `${page.base}/step-up`, body: [hidden('skip', '1'), button(page.t('login.step_up.skip'))] }) : ''
}

function confirm(page: PageContext, { email, options, can, ways, freshRetry, canSkip }: StepUpProps): Html {
  const { t, app } = page
  const title = t('login.step_up.title')
  const [best, ...rest] = ways.filter(({ method }) => method !== 'passkey')
  const passkey = can && options ? passkeyForm(page, { options, label: t('login.step_up.confirm'), kind: 'primary', freshRetry }) : undefined
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      html`<p>${app ? t('login.step_up.text', { app: app.name }) : t('login.step_up.text_plain')}</p>`,
      identityRow(page, email, { change: false }),
      passkey ? [passkey, withoutPasskeys(page)] : best ? wayButton(page, best, 'primary', { email, options }) : '',
      skip(page, canSkip),
      status(page),
      waysOut(page, (passkey ? best : rest[0]) ? otherWay(page) : ''),
    ],
  })
}

function needsPasskey(page: PageContext, { email, canCreate, canSkip }: StepUpProps): Html {
  const { t, app } = page
  const title = app ? t('login.step_up.needs_title', { app: app.name }) : t('login.step_up.needs_title_plain')
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
            skip(page, canSkip),
            status(page),
            waysOut(page),
          ]
        : [
            html`<p>${t('login.step_up.cannot_create')}</p>`,
            skip(page, canSkip),
            status(page),
            form(page, { action: `${page.base}/abort`, body: button(back ?? t('page.continue'), { kind: 'primary' }) }),
          ],
    ],
  })
}
