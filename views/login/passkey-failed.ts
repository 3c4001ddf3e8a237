import html from 'escape-html-template-tag'
import type { PasskeyNotice, Way } from '../../src/login/state.ts'
import type { Fabric } from '../../src/passkeys/index.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { attributes } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { passkeyNotice, type Platform } from '../parts/passkey-notice.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { status } from '../parts/status.ts'
import { wayButton, wayList, withoutPasskey, type Targets } from '../parts/ways.ts'
import { goOnWithout, lostPasskeys, otherWay, waysOut } from '../parts/ways-out.ts'

export interface PasskeyFailedProps {
  notice: PasskeyNotice
  platform?: Platform
  /** where the passkey is kept, "Apple Passwords" */
  keeper?: string
  /** … what carries it from device to device */
  fabric?: Fabric
  /** no account has it: the browser is told */
  unknown?: Signal
  email?: string
  to?: Targets
  options: object
  freshRetry?: boolean
  /** trying again is the best thing to do, not another way */
  againFirst: boolean
  /** there may be another one here, or the same may work now */
  canTryAgain: boolean
  /** other ways than this passkey, best first */
  others: Way[]
  /** somebody who is signed in already confirms it: the address is not up for change */
  stepUp: boolean
  /** the app would rather have a passkey, but takes what there is */
  canSkip: boolean
  /** there is a way back for who has lost every passkey */
  canRecover: boolean
}

/** Nothing of this device can help: what is left is another one. */
const elsewhereNext = ({ notice, platform }: PasskeyFailedProps): boolean => notice === 'none_here' || (notice === 'no_verification' && (platform === 'android' || platform === 'linux'))

/** The passkey did not work: what happened, the best other way, once more, the rest. */
export function passkeyFailedPage(page: PageContext, props: PasskeyFailedProps): Html {
  const { t } = page
  const { email, to, options, againFirst } = props
  const { title, text } = passkeyNotice(page, props.notice, props)
  // Where this device has none the next thing is the device that has it.
  const phoneNext = elsewhereNext(props) && props.others.includes('other_device')
  const [best, ...rest] = props.others.filter((way) => !phoneNext || way !== 'other_device')
  const lead = best ?? 'other_device'

  const label = t(props.notice === 'removed' || props.notice === 'frozen' ? 'passkey.another' : 'passkey.again')
  const again = props.canTryAgain ? passkeyForm(page, { options, label, kind: againFirst ? 'primary' : 'outline', freshRetry: props.freshRetry }) : ''
  const phone = phoneNext && best ? wayButton(page, 'other_device', 'outline', { to }) : ''
  const other = props.others.length > 0 ? wayButton(page, lead, againFirst ? 'outline' : 'primary', { to }) : ''
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'info' }),
      html`<p>${text}</p>`,
      when(props.unknown, (news) => signal(page, news)),
      when(email, (address) => identityRow(page, address, { change: !props.stepUp })),
      html`<div class="buttons">${againFirst ? [again, other, phone] : [other, phone, again]}</div>`,
      withoutPasskeys(page, withoutPasskey(props.others) || props.canSkip ? 'below' : 'nowhere'),
      goOnWithout(page, props.canSkip),
      status(page),
      rest.length > 0 ? html`<section class="others"${attributes({ 'data-needs-passkey': !withoutPasskey(rest), hidden: !withoutPasskey(rest) })}><h2>${t('page.other_ways')}</h2>${wayList(page, rest, { to })}</section>` : '',
      html`<details><summary>${t('login.passkey_failed.why')}</summary><ul>${(['because', 'phone', 'key', 'locked'] as const).map((reason) => html`<li>${t(`login.passkey_failed.${reason}`, { brand: page.theme.name })}</li>`)}</ul></details>`,
      waysOut(page, otherWay(page), props.canRecover ? lostPasskeys(page) : ''),
    ],
  })
}
