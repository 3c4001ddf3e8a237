import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'
import { wait } from '../parts/wait.ts'

export interface LinkElsewhereProps {
  /** "Chrome on Windows" */
  asker: string
  /** where a proxy says it */
  place?: string
  secondsAgo: number
  /** absent: the account's own pages */
  app?: string
}

/** A link of a mail, in another browser than the one that asked: it signs nobody in, and shows a code for the other one on a press. */
export function linkElsewherePage(page: PageContext, { asker, place, secondsAgo, app }: LinkElsewhereProps): Html {
  const { t } = page
  const title = t('login.link_elsewhere.title')
  // Whole minutes that have passed, not begun.
  const ago = secondsAgo < 90 ? secondsAgo : Math.floor(secondsAgo / 60) * 60
  const answer = (name: string, label: string, kind: 'primary' | 'outline') => form(page, { action: page.base, body: [hidden('answer', name), button(label, { kind })] })
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'laptop' }),
      html`<dl class="facts">${[
        html`<div><dt>${t('login.link_elsewhere.asked')}</dt><dd class="wrap">${deviceName(page, asker)}</dd></div>`,
        html`<div><dt>${t('login.link_elsewhere.when')}</dt><dd>${t('login.link_elsewhere.ago', { time: wait(page, ago) })}</dd></div>`,
        when(place, (name) => html`<div><dt>${t('login.link_elsewhere.where')}</dt><dd class="wrap">${name}</dd></div>`),
        html`<div><dt>${t('login.link_elsewhere.app')}</dt><dd class="wrap">${app ?? t('login.link_elsewhere.account')}</dd></div>`,
      ]}</dl>`,
      html`<p>${t('login.link_elsewhere.question')}</p>`,
      html`<div class="buttons">${answer('show', t('login.link_elsewhere.show'), 'primary')}${answer('refuse', t('login.link_elsewhere.not_me'), 'outline')}</div>`,
      status(page),
    ],
  })
}
