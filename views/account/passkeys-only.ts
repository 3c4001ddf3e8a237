import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { icon } from '../parts/icons.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface PasskeysOnlyProps {
  /** it is so now */
  on: boolean
  /** whoever loses one passkey still gets in */
  enough: boolean
  passkeys: number
  /** recovery codes that are left */
  codes: number
  /** a passkey can be added here */
  canAdd: boolean
  /** there are recovery codes here */
  canMakeCodes: boolean
}

/** What it means, what it needs, and the switch. */
export function passkeysOnlyPage(page: AccountPageContext, props: PasskeysOnlyProps): Html {
  const { t } = page
  const { on, enough, codes, canMakeCodes, canAdd } = props
  const keep = linkButton(t(on ? 'account.passkeys_only.keep_on' : 'account.passkeys_only.keep_off'), `${page.base}/passkeys`)
  return accountLayout(page, {
    title: t(on ? 'account.passkeys_only.title_off' : 'account.passkeys_only.title'),
    current: 'passkeys',
    body: on
      ? [html`<p>${t('account.passkeys_only.text_off')}</p>`, html`<div class="buttons">${turn(page, 'off')}${keep}</div>`]
      : [
          html`<p>${t('account.passkeys_only.text')}</p>`,
          html`<p>${t(canMakeCodes ? 'account.passkeys_only.lost' : 'account.passkeys_only.lost_no_codes')}</p>`,
          needs(page, props),
          enough
            ? html`<div class="buttons">${turn(page, 'on')}${keep}</div>`
            : html`<div class="buttons">${when(canAdd, () => linkButton(t('account.passkeys.add'), `${page.base}/passkey-create`, 'primary'))}${when(canMakeCodes && codes === 0, () => linkButton(t('account.ways.make_codes'), `${page.base}/recovery-codes`, canAdd ? 'outline' : 'primary'))}${keep}</div>`,
        ],
  })
}

const turn = (page: AccountPageContext, to: 'on' | 'off'): Html =>
  form(page, { action: page.path, body: [hidden('turn', to), button(page.t(`account.passkeys_only.turn_${to}`), { kind: 'primary' })] })

/** What has to be there first, each with whether it is. */
function needs({ t }: AccountPageContext, { passkeys, codes, canMakeCodes, enough }: PasskeysOnlyProps): Html {
  const item = (met: boolean, text: string) =>
    html`<li class="${met ? 'met' : 'unmet'}">${icon(met ? 'done' : 'info')}<span><span class="visually-hidden">${t(met ? 'account.passkeys_only.met' : 'account.passkeys_only.unmet')} </span>${text}</span></li>`
  const rows = [item(passkeys > 1, t('account.passkeys_only.two_passkeys', { n: passkeys })), ...(canMakeCodes ? [item(codes > 0 && passkeys > 0, t('account.passkeys_only.codes', { n: codes }))] : [])]
  return html`<p>${t(canMakeCodes ? 'account.passkeys_only.needs' : 'account.passkeys_only.needs_two')}</p><ul class="checks">${rows}</ul>${when(!enough && passkeys === 0, () => html`<p class="hint">${t('account.passkeys_only.none_yet')}</p>`)}`
}
