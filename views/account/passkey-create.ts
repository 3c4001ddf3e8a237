import html from 'escape-html-template-tag'
import type { NotCreated } from '../../src/passkeys/index.ts'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { type Choice, creationButton, elsewhereSteps } from '../parts/creation.ts'
import { icon } from '../parts/icons.ts'
import { notCreated, type WhyNotCreated } from '../parts/not-created.ts'
import { passkeyAnswers } from '../parts/passkey-answers.ts'
import { withoutPasskeys } from '../parts/passkey.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { accountLayout, backToSection, type AccountPageContext } from './frame.ts'

export interface PasskeyCreateProps {
  /** where the button makes it */
  choice: Choice
  /** the other place may be taken as well */
  other: boolean
  /** what became of the press before */
  failed?: Pick<WhyNotCreated, 'reason' | 'place'>
  signal?: Signal
}

/** One more passkey: what it is, and the button that opens the browser's dialog. */
export function passkeyCreatePage(page: AccountPageContext, { choice, other, failed, signal: news }: PasskeyCreateProps): Html {
  const { t, base } = page
  const { place } = choice
  const why = failed && notCreated(page, { ...failed, choices: [choice] })
  const otherUrl = `${base}/passkey-create${place === 'here' ? '/elsewhere' : ''}`
  return accountLayout(page, {
    title: why?.title ?? t(place === 'here' ? 'account.passkey_create.title' : 'account.passkey_create.title_elsewhere'),
    current: 'passkeys',
    body: [
      failed && why
        ? html`<p>${hasOwnWords(failed.reason) ? t(`account.passkey_create.${failed.reason}`) : why.text}</p>`
        : place === 'here'
          ? html`<div class="gestures">${icon('fingerprint')}${icon('face')}${icon('lock')}</div><p>${t('account.passkey_create.text')}</p>${passkeyAnswers(page)}`
          : elsewhereSteps(page),
      html`<div class="buttons">${creationButton(page, choice, why && { label: why.again ?? t('page.try_again') })}${when(other, () => linkButton(t(place === 'here' ? 'creation.elsewhere' : 'creation.here'), otherUrl))}</div>`,
      withoutPasskeys(page, 'nowhere'),
      when(news, (what) => signal(page, what)),
      backToSection(page, 'passkeys'),
    ],
  })
}

/** Here trying again is all there is to do, and the account does without it as well as before. */
const hasOwnWords = (reason: NotCreated): reason is 'closed' | 'failed' | 'not_elsewhere' => reason === 'closed' || reason === 'failed' || reason === 'not_elsewhere'
