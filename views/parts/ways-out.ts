import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { backwards } from './app-words.ts'
import { button, type ButtonKind } from './button.ts'
import { form, hidden, mainFormId } from './form.ts'

/** "New here? Create an account" */
export function createAccount(page: PageContext): Html {
  return form(page, {
    action: `${page.base}/identifier`,
    attributes: { class: 'line' },
    body: [html`<span>${page.t('login.identifier.new_here')}</span>`, hidden('sign_up', '1'), button(page.t('login.identifier.create'), { kind: 'link' })],
  })
}

/** A question and where it leads, with what stands in the field of the page's main form. */
export function withTyped(page: PageContext, question: string, text: string, attributes: { name: string; value: string }): Html {
  const more = { ...attributes, form: mainFormId, formaction: `${page.base}/identifier`, formnovalidate: true }
  return html`<div class="line"><span>${question}</span>${button(text, { kind: 'link', attributes: more })}</div>`
}

export function otherWay(page: PageContext): Html {
  return html`<p class="line"><a class="link" href="${page.base}/methods">${page.t('page.other_way')}</a></p>`
}

/** The way for who has no passkey left. */
export function lostPasskeys(page: PageContext): Html {
  return html`<p class="line"><a class="link" href="${page.base}/recovery">${page.t('login.recovery.lost')}</a></p>`
}

/** "Go on without it": the app is told what was really proven. */
export function goOnWithout(page: PageContext, allowed: boolean): Html | '' {
  return allowed ? form(page, { action: `${page.base}/step-up`, body: [hidden('skip', '1'), button(page.t('login.step_up.skip'))] }) : ''
}

/** The sign-in is complete, only the new passkey is given up. */
export function withoutNewPasskey(page: PageContext, kind: ButtonKind, leadOtherwise = false): Html {
  return form(page, {
    action: `${page.base}/passkey-create`,
    attributes: { class: kind === 'link' ? 'line' : undefined },
    body: [hidden('not_now', '1'), button(page.t('login.guard.go_on'), { kind, attributes: { 'data-lead-otherwise': leadOtherwise } })],
  })
}

/** The account is made without a passkey, after a code. */
export function useCode(page: PageContext): Html {
  return form(page, { action: `${page.base}/passkey-create`, body: [hidden('use_code', '1'), button(page.t('login.passkey_create.use_code'), { attributes: { 'data-lead-otherwise': true } })] })
}

/** The way back, the last line where it is not the main button: ends the sign-in with `access_denied`. */
export function backToApp(page: PageContext, kind: 'link' | 'primary' = 'link'): Html {
  if (!page.app) return html``
  return form(page, {
    action: `${page.base}/abort`,
    attributes: { class: kind === 'link' ? 'line' : undefined },
    body: button(backwards(page, page.app), { kind }),
  })
}

/** The last lines of a login screen. */
export function waysOut(page: PageContext, ...lines: (Html | '')[]): Html {
  return html`<div class="ways-out">${lines}${backToApp(page)}</div>`
}
