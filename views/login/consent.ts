import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { breakable } from '../parts/breakable.ts'
import { button } from '../parts/button.ts'
import { form } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { scopeInWords } from '../parts/scopes.ts'
import { status } from '../parts/status.ts'

export interface ConsentProps {
  email?: string
  /** the app's request can be asked again for somebody else */
  canSwitch?: boolean
  /** what the app asks for, in its words of the standard: openid, profile, … */
  scopes: string[]
  /** host of the app's address */
  appHost?: string
}

/** Let the app see this? */
export function consentPage(page: PageContext, { email, canSwitch, scopes, appHost }: ConsentProps): Html {
  const { t, app } = page
  const title = t('login.consent.title', { app: app?.name ?? '' })
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false }),
      when(appHost, (host) => html`<p class="host">${icon('link')}<span>${host}</span></p>`),
      when(
        email,
        (address) =>
          html`<div class="identity whole">${icon('person')}<span class="address">${breakable(t('login.consent.signed_in', { email: address }))}</span>${canSwitch ? form(page, { action: `${page.base}/switch`, body: button(t('login.consent.switch'), { kind: 'link' }) }) : ''}</div>`,
      ),
      html`<ul class="grants">${scopes.map((scope) => html`<li>${icon('check')}<span>${scopeInWords(t, scope, email)}</span></li>`)}</ul>`,
      form(page, {
        action: `${page.base}/consent`,
        attributes: { class: 'pair' },
        body: [
          button(t('login.consent.allow'), { kind: 'primary', attributes: { name: 'allow', value: '1' } }),
          button(t('login.consent.deny'), { attributes: { name: 'deny', value: '1' } }),
        ],
      }),
      status(page),
      app && (app.policyUrl || app.termsUrl)
        ? html`<p class="small links">${when(app.policyUrl, (url) => html`<a href="${url}">${t('login.consent.policy', { app: app.name })}</a>`)}${when(app.termsUrl, (url) => html`<a href="${url}">${t('login.consent.terms', { app: app.name })}</a>`)}</p>`
        : '',
    ],
  })
}
