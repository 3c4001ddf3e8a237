import html from 'escape-html-template-tag'
import type { PasskeyNotice, Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { attributes } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { passkeyNotice, type Platform } from '../parts/passkey-notice.ts'
import { status } from '../parts/status.ts'
import { wayButton, wayList, withoutPasskey, type Targets } from '../parts/ways.ts'
import { goOnWithout, lostPasskeys, otherWay, waysOut } from '../parts/ways-out.ts'

export interface PasskeyFailedProps {
  notice: PasskeyNotice
  platform?: Platform
  /** where the passkey is kept, "Apple Passwords" */
  keeper?: string
  email?: string
  to?: Targets
  options: object
  freshRetry?: boolean
  /** trying again is the best thing to do, not another way */
  againFirst: boolean
  /** other ways than this passkey, best first */
  others: Way[]
  /** somebody who is signed in already confirms it: the address is not up for change */
  stepUp: boolean
  /** the app would rather have a passkey, but takes what there is */
  canSkip: boolean
  /** there is a way back for who has lost every passkey */
  canRecover: boolean
}

/** The passkey did not work: what happened, the best other way, once more, the rest. */
export function passkeyFailedPage(page: PageContext, props: PasskeyFailedProps): Html {
  const { t } = page
  const { email, to, options, againFirst } = props
  const { title, text } = passkeyNotice(page, props.notice, props)
  const [best, ...rest] = props.others

  const again = passkeyForm(page, { options, label: t('passkey.again'), kind: againFirst ? 'primary' : 'outline', freshRetry: props.freshRetry })
  const other = when(best, (way) => wayButton(page, way, againFirst ? 'outline' : 'primary', { to }))
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'info' }),
      html`<p>${text}</p>`,
      when(email, (address) => identityRow(page, address, { change: !props.stepUp })),
      html`<div class="buttons">${againFirst ? [again, other] : [other, again]}</div>`,
      withoutPasskeys(page, withoutPasskey(props.others) || props.canSkip ? 'below' : 'nowhere'),
      goOnWithout(page, props.canSkip),
      status(page),
      rest.length > 0 ? html`<section class="others"${attributes({ 'data-needs-passkey': !withoutPasskey(rest), hidden: !withoutPasskey(rest) })}><h2>${t('page.other_ways')}</h2>${wayList(page, rest, { to })}</section>` : '',
      html`<details><summary>${t('login.passkey_failed.why')}</summary><ul>${(['because', 'phone', 'key', 'locked'] as const).map((reason) => html`<li>${t(`login.passkey_failed.${reason}`)}</li>`)}</ul></details>`,
      waysOut(page, otherWay(page), props.canRecover ? lostPasskeys(page) : ''),
    ],
  })
}
