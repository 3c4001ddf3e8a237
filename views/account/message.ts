import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import type { IconName } from '../parts/icons.ts'

/** Why a link does nothing (more), or that nothing had to be done. */
export type Message = 'not_me_gone' | 'not_me_decided' | 'not_me_fine' | 'enrol_gone' | 'enrol_used' | 'enrol_elsewhere' | 'enrol_frozen' | 'enrol_not_here'

/** Where it goes on from here: to the app, to one of several, or to the operator's help. */
export type GoOn = { kind: 'app' | 'help'; url: string } | { kind: 'apps'; apps: { name: string; url: string }[] }

export interface MessageProps {
  message: Message
  next?: GoOn
}

const icons: Record<Message, IconName> = {
  not_me_gone: 'clock', not_me_decided: 'info', not_me_fine: 'done',
  enrol_gone: 'clock', enrol_used: 'info', enrol_elsewhere: 'info', enrol_frozen: 'lock', enrol_not_here: 'laptop',
}

/** What is left to do at an app; nothing, for the others. */
const leadsToApp = new Set<Message>(['not_me_gone', 'not_me_decided', 'enrol_used', 'enrol_frozen'])

/** One thing said, and the way on where there is one. */
export function messagePage(page: PageContext, { message, next }: MessageProps): Html {
  const title = page.t(`account.message.${message}.title`)
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: icons[message] }),
      html`<p>${page.t(`account.message.${message}.text`)}</p>`,
      wayOn(page, next, page.t(leadsToApp.has(message) ? 'account.open_app' : 'account.close')),
    ],
  })
}

/** A button, or in words what to do where no address is known, or more than one. */
export function wayOn({ t, app, theme }: PageContext, next: GoOn | undefined, words: string): Html {
  if (!next) return html`<p class="next">${words}</p>`
  if (next.kind === 'apps') return html`<p class="next">${words}</p><div class="buttons">${next.apps.map(({ name, url }) => linkButton(name, url))}</div>`
  const label = next.kind === 'help' ? t('account.help', { brand: theme.name }) : app ? t('account.sign_in_at', { app: app.name }) : t('account.sign_in')
  return linkButton(label, next.url, 'primary')
}
