import html from 'escape-html-template-tag'
import type { Method } from '../../src/policy/types.ts'
import type { Html } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { icon, type IconName } from '../parts/icons.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

/** What a false page can talk people out of. */
export type PhishableWay = Extract<Method, 'email_otp' | 'sms_otp' | 'totp'>

/** The one thing that would help most. */
export type NextStep =
  | { do: 'confirm'; kind: 'email' | 'phone'; ref: string }
  | { do: 'first_passkey' | 'make_codes' | 'nothing' }
  /** `codes`: recovery codes would do as well */
  | { do: 'second_passkey'; codes: boolean }

export interface OverviewProps {
  passkeys: number
  /** recovery codes that are left; absent: none were made */
  codes?: number
  /** what else opens the account */
  phishable: PhishableWay[]
  /** browsers that are signed in */
  sessions: number
  /** that have access */
  apps: number
  next: NextStep
}

/** In plain sentences what opens the account, one step that would help, and where everything is. */
export function overviewPage(page: AccountPageContext, { passkeys, codes, phishable, sessions, apps, next }: OverviewProps): Html {
  const { t, base } = page
  const states = [
    t('account.overview.passkeys', { n: passkeys }),
    t('account.overview.codes', { n: codes ?? 0 }),
    ...(phishable.length > 0 ? phishable.map((way) => t(`account.overview.${way}`)) : [t('account.overview.passkeys_only')]),
  ]
  const row = (name: IconName, path: 'passkeys' | 'ways' | 'sessions' | 'apps' | 'activity' | 'recovery' | 'profile', state: string) =>
    html`<li><a class="row" href="${base}/${path}">${icon(name)}<span class="row-text"><span class="row-name">${t(`account.${path}.title`)}</span><span class="hint">${state}</span></span>${icon('next')}</a></li>`
  return accountLayout(page, {
    title: t('account.overview.title'),
    current: 'overview',
    body: [
      html`<p class="lead">${states.join(' ')}</p>`,
      nextCard(page, next),
      html`<ul class="ways">${[
        row('passkey', 'passkeys', t('account.overview.passkeys', { n: passkeys })),
        row('person', 'ways', t('account.overview.ways')),
        row('laptop', 'sessions', t('account.overview.sessions', { n: sessions })),
        row('link', 'apps', t('account.overview.apps', { n: apps })),
        row('clock', 'activity', t('account.overview.activity')),
        row('phone', 'recovery', t('account.overview.recovery')),
        row('person', 'profile', t('account.overview.profile')),
      ]}</ul>`,
    ],
  })
}

/** The one thing that would help most, with its button. */
export function nextCard(page: AccountPageContext, next: NextStep): Html {
  const { t, base } = page
  if (next.do === 'nothing') return html`<section class="box good" aria-labelledby="next">${icon('done')}<div><h2 id="next">${t('account.overview.all_good')}</h2><p>${t('account.overview.nothing')}</p></div></section>`
  return html`<section class="card next-step" aria-labelledby="next">${icon('info')}<div><h2 class="card-title" id="next">${t('account.overview.next')}</h2><p>${t(next.do === 'confirm' ? `account.ways.confirm_${next.kind}` : `account.overview.${next.do}`)}</p><div class="buttons">${
    next.do === 'confirm'
      ? form(page, { action: `${base}/identifier-confirm`, body: [hidden('send', next.ref), button(t('account.ways.send_me_code'), { kind: 'primary' })] })
      : next.do === 'make_codes'
        ? linkButton(t('account.ways.make_codes'), `${base}/recovery-codes`, 'primary')
        : [linkButton(t('account.passkeys.add'), `${base}/passkey-create`, 'primary'), next.do === 'second_passkey' && next.codes ? linkButton(t('account.ways.make_codes'), `${base}/recovery-codes`) : '']
  }</div></div></section>`
}
