import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { backwards } from '../parts/app-words.ts'
import { button, linkButton } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { wayButton, withoutPasskey, type Targets } from '../parts/ways.ts'
import { goOnWithout, lostPasskeys, otherWay, waysOut } from '../parts/ways-out.ts'

export interface StepUpProps {
  email: string
  to?: Targets
  /**
   * who asks for it: the app, the operator because the account has a passkey (or had one until it was `stopped`), a rule,
   * or our own account pages before a `change`, for `other_kind` of proof too
   */
  reason: 'app' | 'weaker' | 'stopped' | 'rule' | 'change' | 'other_kind'
  /** there is a way back for who has lost every passkey */
  canRecover: boolean
  /** that way back has waited long enough: it ends with a new passkey */
  recovering?: boolean
  /** the request for a passkey of this account, when there is one that can be used */
  options?: object
  /** of the passkey that is asked for first, where one of several is preferred */
  passkeyName?: string
  /** default: that comes first; false: after the best other way, because it failed here or is on another device */
  passkeyFirst?: boolean
  /** a passkey may be created on the way */
  canCreate: boolean
  /** the app would rather have more, but takes what there is */
  canSkip: boolean
  /** other ways that reach what the app asks for, best first */
  others: Way[]
}

/** Confirm it is you: only what is missing, by a way that reaches it. */
export function stepUpPage(page: PageContext, props: StepUpProps): Html {
  if (props.options || props.others.length > 0) return confirm(page, props)
  return ['app', 'change', 'other_kind'].includes(props.reason) || (props.recovering && props.canCreate) ? needsPasskey(page, props) : stuck(page, props)
}

function why({ t, app }: PageContext, reason: StepUpProps['reason']): Html | '' {
  if (reason === 'change') return html`<p>${t('login.guard.sign_in')}</p>`
  if (reason === 'other_kind') return html`<p>${t('login.guard.other_kind')}</p>`
  if (reason !== 'app') return html`<p>${t(`login.step_up.${reason}`)}</p>`
  return app ? html`<p>${t('login.step_up.text', { app: app.name })}</p>` : ''
}

function confirm(page: PageContext, { email, to, reason, options, passkeyName, passkeyFirst = true, others, canSkip, canRecover }: StepUpProps): Html {
  const { t } = page
  const title = t('login.step_up.title')
  const [best, ...rest] = others
  const leads = passkeyFirst || best === undefined
  const passkey = when(options, (options) => html`${passkeyForm(page, { options, label: passkeyName === undefined ? t('login.step_up.confirm') : t('login.step_up.confirm_named', { name: deviceName(page, passkeyName) }), kind: leads ? 'primary' : 'outline' })}${withoutPasskeys(page, (best && withoutPasskey(others)) || canSkip ? 'below' : 'nowhere')}`)
  const other = when(best, (way) => wayButton(page, way, 'primary', { to }))
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      why(page, reason),
      identityRow(page, email, { change: false }),
      options ? (leads ? passkey : [other, passkey]) : other,
      goOnWithout(page, canSkip),
      status(page),
      waysOut(page, (options && leads ? best : rest[0]) ? otherWay(page) : '', canRecover ? lostPasskeys(page) : ''),
    ],
  })
}

/** Nothing that works in this browser is enough: the way back takes time, and another device may have the passkey. */
function stuck(page: PageContext, { email, reason, canRecover }: StepUpProps): Html {
  const { t, app } = page
  const title = t('login.step_up.title')
  const back = app ? backwards(page, app) : t('page.continue')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      why(page, reason),
      html`<p>${t('login.step_up.cannot_here')}</p>`,
      identityRow(page, email, { change: false }),
      status(page),
      canRecover
        ? [linkButton(t('login.recovery.lost'), `${page.base}/recovery`, 'primary'), waysOut(page)]
        : form(page, { action: `${page.base}/abort`, body: button(back, { kind: 'primary' }) }),
    ],
  })
}

function needsPasskey(page: PageContext, { email, canCreate, canSkip, canRecover, recovering }: StepUpProps): Html {
  const { t, app } = page
  const title = recovering ? t('login.passkey_create.title_recovery') : app?.own ? t('login.step_up.needs_title_account') : t('login.step_up.needs_title', { app: app?.name ?? '' })
  const back = app && backwards(page, app)
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'passkey' }),
      html`<p>${t(recovering ? 'login.recovery.may_create' : 'login.step_up.needs_text')}</p>`,
      identityRow(page, email, { change: false }),
      canCreate
        ? [
            form(page, {
              action: `${page.base}/passkey-create`,
              body: [hidden('start', '1'), hidden('capabilities', ''), button(t('login.passkey_create.create'), { kind: 'primary', icon: 'passkey' })],
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
            canRecover
              ? [linkButton(t('login.recovery.lost'), `${page.base}/recovery`, 'primary'), waysOut(page)]
              : form(page, { action: `${page.base}/abort`, body: button(back ?? t('page.continue'), { kind: 'primary' }) }),
          ],
    ],
  })
}
