import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { localTime } from '../parts/local-time.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { rich } from '../parts/rich.ts'
import { status } from '../parts/status.ts'
import { fullMinute } from '../parts/time.ts'
import { wayButton, type Targets } from '../parts/ways.ts'
import { lostPasskeys, otherWay, waysOut, withoutNewPasskey } from '../parts/ways-out.ts'

export interface GuardProps {
  email: string
  /** what would make it a yes, see the enrolment guard */
  way: 'sign_in' | 'passkey' | 'older_passkey' | 'other_kind' | 'recovery'
  /** ms: waiting until then helps too */
  until?: number
  /** somebody disowned a change, and nobody has decided yet */
  frozen: boolean
  /** the request for a passkey of this account: one of these has to be used first */
  options?: object
  to?: Targets
  /** other ways that prove what is missing, best first */
  others: Way[]
  /** the sign-in may end without a new passkey */
  canContinue: boolean
  /** there is a way back for who has lost every passkey */
  canRecover: boolean
}

/** A passkey may not be added now: why, and the way that makes it possible. */
export function guardPage(page: PageContext, props: GuardProps): Html {
  const { email, to, options, others: [best, ...rest], canContinue, canRecover } = props
  const title = page.t('login.guard.title')
  // One way leads, and what leads to it is the page's filled button.
  const recoveryLeads = !options && !best && canRecover
  const leads = options !== undefined || best !== undefined || recoveryLeads
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      html`<p>${why(page, props)}</p>`,
      identityRow(page, email, { change: false }),
      options ? [passkeyForm(page, { options, label: page.t('login.step_up.confirm'), kind: 'primary' }), withoutPasskeys(page, canContinue ? 'below' : 'nowhere')] : '',
      when(best, (way) => wayButton(page, way, options ? 'outline' : 'primary', { to })),
      recoveryLeads ? linkButton(page.t('login.recovery.title'), `${page.base}/recovery`, 'primary') : '',
      canContinue ? withoutNewPasskey(page, leads ? 'outline' : 'primary', options !== undefined && !best) : '',
      status(page),
      waysOut(page, options || rest.length > 0 ? otherWay(page) : '', canRecover && !recoveryLeads ? lostPasskeys(page) : ''),
    ],
  })
}

function why(page: PageContext, { way, until, frozen }: GuardProps): Html | string {
  const { t } = page
  if (frozen) return t('login.guard.frozen')
  if (way === 'older_passkey' && until !== undefined) return rich(t('login.guard.cooling'), { time: () => localTime(page, fullMinute(until)) })
  return t(`login.guard.${way}`)
}
