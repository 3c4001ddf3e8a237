import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { localTime } from '../parts/local-time.ts'
import { rich } from '../parts/rich.ts'
import { status } from '../parts/status.ts'
import { fullMinute } from '../parts/time.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface RecoveryNoticeProps {
  /** "Chrome on Windows" */
  device: string
  /** ms */
  startedAt: number
  readyAt: number
}

/** Someone is recovering your account: told to whoever signs in by a passkey of before, who can stop it. */
export function recoveryNoticePage(page: PageContext, { device, startedAt, readyAt }: RecoveryNoticeProps): Html {
  const { t } = page
  const title = t('login.recovery_notice.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'problem' }),
      html`<dl class="facts"><div><dt>${t('login.recovery_notice.device')}</dt><dd>${deviceName(page, device)}</dd></div><div><dt>${t('login.recovery_notice.started')}</dt><dd>${localTime(page, startedAt)}</dd></div></dl>`,
      html`<p>${rich(t('login.recovery_notice.text'), { time: () => localTime(page, fullMinute(readyAt)) })}</p>`,
      form(page, { action: `${page.base}/recovery-notice`, body: button(t('login.recovery_notice.cancel'), { kind: 'primary', attributes: { name: 'cancel', value: '1' } }) }),
      form(page, { action: `${page.base}/recovery-notice`, body: button(t('login.recovery_notice.go_on'), { attributes: { name: 'go_on', value: '1' } }) }),
      status(page),
      waysOut(page),
    ],
  })
}
