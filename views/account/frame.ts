import html from 'escape-html-template-tag'
import type { Status } from '../../src/account/session.ts'
import { layout, type LayoutProps } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { breakable } from '../parts/breakable.ts'
import { heading } from '../parts/heading.ts'
import { icon, type IconName } from '../parts/icons.ts'
import { status } from '../parts/status.ts'

/** What every page of the account knows besides. */
export interface AccountPageContext extends PageContext {
  /** who is signed in */
  who?: string
  signOutUrl: string
  /** what was done just now */
  done?: { status: Status; subject?: string }
}

export interface AccountLayoutProps extends Pick<LayoutProps, 'title' | 'error' | 'mainForm' | 'languages'> {
  /** the page that the navigation marks; a page below it leads back there */
  current: AccountSection
  icon?: IconName
  /** above the heading: what is wrong */
  problem?: Html | ''
  /** said once, and shown */
  news?: string
  body: unknown
}

const sections = { overview: '/account', passkeys: '/account/passkeys', ways: '/account/ways', sessions: '/account/sessions', apps: '/account/apps', activity: '/account/activity', recovery: '/account/recovery', profile: '/account/profile' } as const
export type AccountSection = keyof typeof sections

/** The frame of the account's pages: where one can go, what was done, and the page itself. */
export function accountLayout(page: AccountPageContext, { current, icon: name, problem = '', news = '', body, ...props }: AccountLayoutProps): Html {
  const links = navigationLinks(page, current)
  return layout(page, {
    ...props,
    navigation: {
      beside: html`<nav class="beside" aria-label="${page.t('account.navigation')}">${links}</nav>`,
      menu: html`<details class="menu"><summary>${page.t('account.menu')}</summary><nav aria-label="${page.t('account.navigation')}">${links}</nav></details>`,
    },
    body: [doneBox(page), problem, heading(page, props.title, { toApp: false, ...(name && { icon: name }) }), body, status(page, news)],
  })
}

function navigationLinks({ t, who, signOutUrl, path }: AccountPageContext, current: AccountSection): Html {
  const marked = (url: string) => (path === url ? html` aria-current="page"` : html` aria-current="true"`)
  return html`${when(who, (name) => html`<p class="who"><span>${t('account.signed_in_as')}</span> <strong>${breakable(name)}</strong></p>`)}<ul>${(Object.keys(sections) as AccountSection[]).map(
    (section) => html`<li><a href="${sections[section]}"${section === current ? marked(sections[section]) : ''}>${t(`account.${section}.title`)}</a></li>`,
  )}<li><a href="${signOutUrl}">${t('account.sign_out')}</a></li></ul>`
}

/** On arrival the words of the change are read out, as the focus is on them. */
function doneBox({ t, done }: AccountPageContext): Html | '' {
  if (!done) return ''
  const { status: what, subject } = done
  return html`<div class="box good" tabindex="-1" data-focus>${icon('done')}<p>${t(`account.done.${what}`, { subject: subject ?? 'none' })}</p></div>`
}

/** "Back to Ways to sign in": the way out of a page below it. */
export function backToSection({ t }: PageContext, section: AccountSection): Html {
  return html`<div class="ways-out"><p class="line"><a class="link" href="${sections[section]}">${t('account.back_to', { page: t(`account.${section}.title`) })}</a></p></div>`
}
