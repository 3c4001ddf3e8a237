import html from 'escape-html-template-tag'
import type { PasskeyNotice } from '../../src/login/state.ts'
import type { IdentifierKind } from '../../src/storage/types.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { passkeyNotice, type Platform } from '../parts/passkey-notice.ts'
import { notice as noticeBox } from '../parts/problem.ts'
import { status } from '../parts/status.ts'
import { backToApp, waysOut } from '../parts/ways-out.ts'

export interface ClaimProps {
  /** what was proven just now */
  who: string
  kind: IdentifierKind
  /** absent: the account has no passkey */
  options?: object
  /** a passkey was tried and not used */
  notice?: PasskeyNotice
  keeper?: string
  platform?: Platform
}

/** An account began with this address or number and never proved it: the same person, or somebody else? */
export function claimPage(page: PageContext, { who, kind, options, notice, ...about }: ClaimProps): Html {
  const { t } = page
  const title = t('login.claim.title')
  const news = notice && passkeyNotice(page, notice, about)
  const kindWord = kind === 'phone' ? 'phone' : 'email'
  return layout(page, {
    title,
    body: [
      when(news, ({ title, text }) => noticeBox(title, text)),
      heading(page, title, news ? {} : { icon: 'info' }),
      html`<p class="wrap">${t(`login.claim.${kindWord}`, { who })}</p>`,
      html`<p>${t(options ? 'login.claim.passkey' : 'login.claim.there')}</p>`,
      when(options, (options) => html`${passkeyForm(page, { options, label: t('login.claim.use_passkey'), kind: 'primary' })}${withoutPasskeys(page, 'nowhere')}`),
      // What changes nothing leads: a new account takes the address from the other one.
      options ? '' : backToApp(page, 'primary'),
      html`<p class="wrap">${t('login.claim.new_hint', { who })}</p>`,
      form(page, { action: `${page.base}/claim`, body: [hidden('new', '1'), button(t('login.claim.new'))] }),
      status(page),
      options ? waysOut(page) : '',
    ],
  })
}
