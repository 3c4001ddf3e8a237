import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import type { RecoveryStanding } from '../../src/login/dispatch.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { onwards } from '../parts/app-words.ts'
import { button, linkButton } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { localTime } from '../parts/local-time.ts'
import { rich } from '../parts/rich.ts'
import { status } from '../parts/status.ts'
import { fullMinute } from '../parts/time.ts'
import { wait } from '../parts/wait.ts'
import { wayLabel, type Targets } from '../parts/ways.ts'
import { backToApp, otherWay, waysOut } from '../parts/ways-out.ts'

export interface RecoveryProps {
  /** `before_proof`: for everybody the same; `may_create`: all that is left is to create the passkey; `too_often`: nobody starts it any more today */
  standing: RecoveryStanding | 'before_proof' | 'may_create' | 'too_often'
  email?: string
  /** s: how long everybody has to wait */
  delay: number
  /** ms: of the recovery under way, where there is one */
  readyAt?: number
  /** "Chrome on Windows": where it was started; `too_often`: and stopped now */
  device?: string
  /** s: until one can be started again */
  retryAfter?: number
  /** what begins it, or goes on with it */
  begins?: Way
  to?: Targets
  /** the account takes no codes */
  passkeysOnly: boolean
  /** the sign-in may end as it stands */
  canContinue: boolean
}

/** `wayBack`: among the ways out, because it is not the main button */
type Layout = [body: unknown, ways: Html | '', wayBack?: boolean]

/** Get back in: for who has lost every passkey. What it takes, where it stands, and the one thing to do now. */
export function recoveryPage(page: PageContext, props: RecoveryProps): Html {
  const { t } = page
  const title = t('login.recovery.title')
  const [body, way, wayBack = true] = bodies[props.standing](page, props)
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'key' }),
      when(props.email, (email) => identityRow(page, email, { change: props.standing === 'before_proof' })),
      body,
      status(page),
      wayBack ? waysOut(page, way) : html`<div class="ways-out">${way}</div>`,
    ],
  })
}

const bodies: Record<RecoveryProps['standing'], (page: PageContext, props: RecoveryProps) => Layout> = {
  before_proof: (page, props) => [[steps(page, props), press(page, 'begin', beginLabel(page, props))], otherWay(page)],
  needs_proof: (page, props) => [[steps(page, props), press(page, 'begin', beginLabel(page, props))], goOn(page, props, otherWay(page))],
  may_start: (page, props) => [[steps(page, props, { proven: true }), press(page, 'start', page.t('login.recovery.start'))], goOn(page, props, otherWay(page))],
  elsewhere: (page, props) => [
    [
      html`<p>${page.t('login.recovery.elsewhere', { device: deviceName(page, props.device ?? '') })} ${after(page, 'login.recovery.elsewhere_after', props)}</p>`,
      html`<p>${page.t('login.recovery.elsewhere_again')}</p>`,
      press(page, 'start', page.t('login.recovery.start_here')),
      html`<p class="small">${page.t('login.recovery.not_you')}</p>`,
    ],
    goOn(page, props, otherWay(page)),
  ],
  waiting: (page, props) => [
    [
      html`<p>${after(page, 'login.recovery.waiting', props)}</p><p>${page.t('login.recovery.come_back')}</p>`,
      props.canContinue ? press(page, 'continue', onwards(page)) : backToApp(page, 'primary'),
      press(page, 'cancel', page.t('login.recovery.cancel'), 'outline'),
    ],
    props.canContinue ? '' : otherWay(page),
    props.canContinue,
  ],
  ready: (page, props) => [[html`<p>${page.t('login.recovery.ready')}</p>`, press(page, 'begin', beginLabel(page, props))], goOn(page, props, otherWay(page))],
  may_create: (page, props) => [[html`<p>${page.t('login.recovery.may_create')}</p>`, press(page, 'create', page.t('login.passkey_create.create'))], goOn(page, props, otherWay(page))],
  too_often: (page, { device, retryAfter = 0, canContinue }) => [
    [
      device === undefined ? '' : html`<p>${page.t('login.recovery.too_often_stopped', { device: deviceName(page, device) })}</p>`,
      html`<p>${page.t('login.recovery.too_often', { wait: wait(page, retryAfter) })}</p>`,
      canContinue ? press(page, 'continue', onwards(page)) : linkButton(page.t('page.other_way'), `${page.base}/methods`, 'primary'),
    ],
    '',
  ],
  none: (page, { passkeysOnly, canContinue }) => [
    [
      html`<p>${page.t(passkeysOnly ? 'login.recovery.passkeys_only' : 'login.recovery.not_needed')}</p>`,
      canContinue ? press(page, 'continue', onwards(page)) : linkButton(page.t('page.other_way'), `${page.base}/methods`, 'primary'),
    ],
    '',
  ],
}

/** What is still due: whoever has typed the code is asked for no other. */
const steps = (page: PageContext, { delay }: RecoveryProps, { proven = false } = {}): Html => {
  const { t } = page
  const list = [...(proven ? [] : [t('login.recovery.step_confirm')]), t('login.recovery.step_wait', { wait: wait(page, delay) }), t('login.recovery.step_create')]
  return html`<p>${t('login.recovery.text')}</p><ol class="steps">${list.map((step) => html`<li>${step}</li>`)}</ol>`
}

const beginLabel = (page: PageContext, { begins = 'email_otp', to }: RecoveryProps): string => wayLabel(page, begins, { to })


const after = (page: PageContext, key: 'login.recovery.waiting' | 'login.recovery.elsewhere_after', { readyAt = 0 }: RecoveryProps): Html =>
  rich(page.t(key), { time: () => localTime(page, fullMinute(readyAt)) })

function press(page: PageContext, name: 'begin' | 'start' | 'cancel' | 'continue' | 'create', words: string, kind: 'primary' | 'outline' | 'link' = 'primary'): Html {
  return form(page, { action: `${page.base}/recovery`, attributes: { class: kind === 'link' ? 'line' : undefined }, body: [hidden(name, '1'), button(words, { kind })] })
}

/** The sign-in that is complete goes on as it stands. */
const goOn = (page: PageContext, { canContinue }: RecoveryProps, other: Html | '' = ''): Html | '' =>
  canContinue ? press(page, 'continue', onwards(page), 'link') : other
