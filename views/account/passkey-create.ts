import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { icon } from '../parts/icons.ts'
import { passkeyAnswers } from '../parts/passkey-answers.ts'
import { passkeyCreateForm, withoutPasskeys } from '../parts/passkey.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { accountLayout, backToSection, type AccountPageContext } from './frame.ts'

export interface PasskeyCreateProps {
  place: 'here' | 'elsewhere'
  options: object
  /** the other place may be taken as well */
  other: boolean
  /** what became of the press before: the dialog was closed, nothing could be saved, or it is in the place that is not wanted */
  failed?: 'closed' | 'failed' | 'not_elsewhere'
  signal?: Signal
}

/** One more passkey: what it is, and the button that opens the browser's dialog. */
export function passkeyCreatePage(page: AccountPageContext, { place, options, other, failed, signal: news }: PasskeyCreateProps): Html {
  const { t, base } = page
  const title = t(failed ? 'login.passkey_not_created.closed_title' : place === 'here' ? 'account.passkey_create.title' : 'account.passkey_create.title_elsewhere')
  const otherUrl = `${base}/passkey-create${place === 'here' ? '?elsewhere' : ''}`
  return accountLayout(page, {
    title,
    current: 'passkeys',
    body: [
      failed
        ? html`<p data-lead>${t(`account.passkey_create.${failed}`)}</p>`
        : place === 'here'
          ? html`<div class="gestures">${icon('fingerprint')}${icon('face')}${icon('lock')}</div><p data-lead>${t('account.passkey_create.text')}</p>${passkeyAnswers(page)}`
          : html`<p data-lead>${t('account.passkey_create.scan')}</p><p>${t('account.passkey_create.key')}</p>`,
      html`<div class="buttons">${passkeyCreateForm(page, { options, label: t(failed ? 'page.try_again' : place === 'here' ? 'login.passkey_create.create' : 'account.passkey_create.show') })}${when(other, () => linkButton(t(place === 'here' ? 'account.passkeys.add_elsewhere' : 'account.passkey_create.use_here'), otherUrl))}</div>`,
      withoutPasskeys(page, 'nowhere'),
      when(news, (what) => signal(page, what)),
      backToSection(page, 'passkeys'),
    ],
  })
}
