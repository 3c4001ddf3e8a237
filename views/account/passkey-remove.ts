import html from 'escape-html-template-tag'
import type { Method } from '../../src/policy/types.ts'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { listed } from '../parts/sentences.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface PasskeyRemoveProps {
  name: string
  /** nothing else would open the account */
  last: boolean
  /** recovery codes can be made here */
  codes: boolean
  /** what else would */
  left: Exclude<Method, 'email_link'>[]
  /** this sign-in rests on it alone */
  usedHere: boolean
  /** somebody is told and can stop it */
  told: boolean
}

/** What is lost with it; or why it has to stay, and what to do first. */
export function passkeyRemovePage(page: AccountPageContext, { name, last, codes, left, usedHere, told }: PasskeyRemoveProps): Html {
  const { t, path, base } = page
  const keep = linkButton(t('account.identifier_remove.keep'), `${base}/passkeys`)
  return accountLayout(page, {
    title: t('account.identifier_remove.title', { value: name }),
    current: 'passkeys',
    body: last
      ? [
          html`<p>${t('account.passkey_remove.last')}</p>`,
          html`<div class="buttons">${linkButton(t('account.passkeys.add'), `${base}/passkey-create`, 'primary')}${when(codes, () => linkButton(t('account.ways.make_codes'), `${base}/recovery-codes`))}${keep}</div>`,
        ]
      : [
          html`<p>${t('account.identifier_remove.text')}</p>`,
          listed([
            ...(left.length === 1 ? [t(`account.identifier_remove.only_${left[0]!}`)] : []),
            t('account.passkey_remove.signs_out'),
            ...(usedHere ? [t('account.identifier_remove.signs_out')] : []),
            ...(told ? [t('account.passkey_remove.undo')] : []),
          ]),
          html`<div class="buttons">${form(page, { action: path, body: [hidden('remove', '1'), button(t('account.passkey_remove.remove'), { kind: 'danger' })] })}${keep}</div>`,
        ],
  })
}
