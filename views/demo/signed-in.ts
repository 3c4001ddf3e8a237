import html from 'escape-html-template-tag'
import { button, linkButton } from '../parts/button.ts'
import { form } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { type Html, type PageContext, when } from '../page.ts'
import { claimsTable } from './claims.ts'
import { demoFrame, demoTranslator } from './frame.ts'
import type { DemoTexts } from './texts.ts'

export interface DemoSignedInProps {
  /** of the ID token */
  claims: Record<string, unknown>
  userinfo: Record<string, unknown>
  /** a passkey was asked for, and the provider had seen it already */
  notAskedAgain: boolean
  /** the API took a transfer just now; `challenge`: what it answered first (RFC 9470) */
  transfer?: { challenge?: string }
}

/** As far as the claims tell it (RFC 8176): codes by email and from an app are the same to them. */
function wayIn({ acr, amr }: Record<string, unknown>): keyof DemoTexts {
  const used = new Set<unknown>(Array.isArray(amr) ? amr : [])
  if (used.has('pop')) return 'withPasskey'
  if (used.has('mfa')) return 'withTwo'
  if (acr === 'urn:latchkey:acr:recovery') return 'withRecoveryCode'
  if (used.has('sms')) return 'withText'
  if (used.has('otp')) return 'withCode'
  return acr === '0' ? 'withNothing' : 'withOther'
}

/** The same as the app sees it: who, how surely, and every claim. */
export function demoSignedInPage(page: PageContext, { claims, userinfo, notAskedAgain, transfer }: DemoSignedInProps): Html {
  const t = demoTranslator(page)
  const way = wayIn(claims)
  const passkey = way === 'withPasskey'
  const who = userinfo['email'] ?? userinfo['preferred_username'] ?? userinfo['phone_number'] ?? claims['sub']
  const askForPasskey = linkButton(t('askForPasskey'), '/demo/ask-for-passkey', passkey ? 'outline' : 'primary')
  const signOut = form(page, { action: '/demo/sign-out', body: button(t('signOut'), { kind: passkey ? 'primary' : 'outline' }) })
  return demoFrame(page, {
    name: t('name'),
    title: t('signedInTitle'),
    wide: true,
    body: html`
${when(notAskedAgain && passkey, () => html`<div class="demo-note" role="status">${icon('done')}<p>${t('notAskedAgain')}</p></div>`)}
${when(transfer, () => html`<div class="demo-note" role="status">${icon('done')}<p>${t('transferred')} ${t(transfer?.challenge === undefined ? 'transferredAtOnce' : 'transferredAfterAsking')}</p></div>`)}
${heading(page, t('signedInTitle'), { icon: 'done' })}
<p><strong class="wrap">${who}</strong><br>${t(way)}</p>
<div class="demo-actions demo-row">${passkey ? [signOut, askForPasskey] : [askForPasskey, signOut]}</div>
<p class="demo-meta">${t('askForPasskeyHint')}</p>
<p><a class="link" href="/account">${t('account')}</a></p>
<section class="demo-claims-part demo-transfer"><h2>${t('transferTitle')}</h2>
<p class="demo-meta">${t('transferText')}</p>
<div class="demo-actions demo-row">${form(page, { action: '/demo/transfer', body: button(t('transfer'), { kind: 'outline' }) })}</div>
${when(transfer?.challenge, (challenge) => html`<p class="demo-meta">${t('transferChallenge')}: <code class="wrap">${challenge}</code></p>`)}</section>
<section class="demo-claims-part"><h2>${t('idTokenTitle')}</h2>
<p class="demo-meta">${t('idTokenText')}</p>
${claimsTable(page, t, t('idTokenTitle'), claims)}</section>
<section class="demo-claims-part"><h2>${t('userinfoTitle')}</h2>
<p class="demo-meta">${t('userinfoText')}</p>
${claimsTable(page, t, t('userinfoTitle'), userinfo)}</section>`,
  })
}
