import html from 'escape-html-template-tag'
import type { ChangeKind } from '../../src/storage/types.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { breakable } from '../parts/breakable.ts'
import { button } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { localTime } from '../parts/local-time.ts'
import { status } from '../parts/status.ts'

export interface NotMeProps {
  kind: ChangeKind
  /** ms since 1970 */
  at: number
  /** "Chrome on Windows" */
  device: string
  /** the passkey, address or method that it was about, as people know it */
  subject?: string
  /** "m…@example.com": which account, for whoever has several */
  account?: string
}

/** "Was this you?": what happened, when and where. Looking changes nothing. */
export function notMePage(page: PageContext, { kind, at, device, subject, account }: NotMeProps): Html {
  const { t } = page
  const title = t('account.not_me.title')
  const answer = (name: string, label: string, kind: 'primary' | 'outline') =>
    form(page, { action: page.base, body: [hidden('answer', name), button(label, { kind })] })
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false }),
      html`<p>${t(`account.change.${kind}`)}</p>`,
      html`<dl class="facts">${[
        when(account, (masked) => html`<div><dt>${t('account.not_me.account')}</dt><dd class="wrap">${breakable(masked)}</dd></div>`),
        when(subject, (text) => html`<div><dt>${t('account.not_me.what')}</dt><dd class="wrap">${breakable(text)}</dd></div>`),
        html`<div><dt>${t('account.not_me.when')}</dt><dd>${localTime(page, at)}</dd></div>`,
        html`<div><dt>${t('account.not_me.where')}</dt><dd>${deviceName(page, device)}</dd></div>`,
      ]}</dl>`,
      html`<div class="buttons">${answer('no', t('account.not_me.no'), 'primary')}${answer('yes', t('account.not_me.yes'), 'outline')}</div>`,
      html`<p class="small">${t('account.not_me.meaning')}</p>`,
      status(page),
    ],
  })
}
