import html from 'escape-html-template-tag'
import type { Place } from '../../src/policy/cross-device.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button, type ButtonKind } from './button.ts'
import { form, hidden } from './form.ts'

export interface PasskeyFormProps {
  options: object
  /** the button; row buttons bring their own markup */
  label: string
  kind?: ButtonKind
  row?: Html
  /** also answer through the autofill of the page's field */
  conditional?: boolean
  /** ask in immediate mode where the browser has it: no QR code when there is no passkey here */
  immediate?: boolean
  /** the button is there only where that mode is: under `minimize` no other dialog may show a QR code */
  onlyImmediate?: boolean | undefined
  /** the dialog opens by itself; one that cannot is no error, and the button waits for a press */
  auto?: boolean | undefined
  /** the server refused an expired challenge and sent a new one: ask once more at once */
  freshRetry?: boolean | undefined
  /** carries what was typed on the same page, when Continue is answered by a passkey */
  identifier?: boolean
  /** carries the box of the same page that keeps somebody signed in */
  remember?: boolean
}

/** Where script tells what became of a dialog (JSON); a link's own page has nowhere. */
export function reportUrl({ base }: Pick<PageContext, 'base'>): string | undefined {
  if (base.startsWith('/interaction/')) return `${base}/passkey/report`
  return base === '/account' ? '/account/passkeys/report' : undefined
}

/** The fields that views/assets/latchkey.js fills in, whichever ceremony it runs. */
const reply = ['response', 'error', 'elapsed', 'ceremony', 'mediation'].map((name) => hidden(name, ''))

/** Sign in with a passkey. Hidden until script has seen that the browser can do it. */
export function passkeyForm(page: PageContext, props: PasskeyFormProps): Html {
  return form(page, {
    action: `${page.base}/passkey`,
    attributes: {
      class: props.row ? 'row-form' : 'passkey',
      'data-passkey': 'get',
      'data-options': JSON.stringify(props.options),
      'data-options-url': `${page.base}/passkey/options`,
      'data-report': reportUrl(page),
      'data-auto': props.auto,
      'data-conditional': props.conditional,
      'data-immediate': props.immediate,
      'data-fresh-retry': props.freshRetry,
      hidden: true,
    },
    body: [reply, hidden('capabilities', ''), props.identifier ? hidden('identifier', '') : '', props.remember ? hidden('remember', '') : '', props.row ?? button(props.label, { kind: props.kind ?? 'outline', icon: 'passkey', attributes: { 'data-only-immediate': props.onlyImmediate, hidden: props.onlyImmediate } }), stop(page)],
  })
}

export interface PasskeyCreateFormProps {
  options: object
  label: string
  kind?: ButtonKind
  /** where it is to be kept: comes back with what became of it, and picks the words */
  place?: Place
  /** the dialog opens by itself; one that ends at once, without a word, leads to this address instead */
  auto?: string | undefined
  /** also tried without any dialog, where the browser can save a passkey by itself (`conditionalCreate`) */
  conditional?: boolean | undefined
}

/** Create a passkey. */
export function passkeyCreateForm(page: PageContext, props: PasskeyCreateFormProps): Html {
  const { t } = page
  return form(page, {
    action: `${page.base}/passkey-create`,
    attributes: {
      class: 'passkey',
      'data-passkey': 'create',
      'data-options': JSON.stringify(props.options),
      'data-options-url': `${page.base}/passkey-create/options`,
      'data-report': reportUrl(page),
      'data-open-title': t('login.passkey_create.open_title'),
      'data-open-text': t('login.passkey_create.open'),
      'data-auto': props.auto !== undefined,
      'data-otherwise': props.auto,
      'data-conditional-create': props.conditional,
      hidden: true,
    },
    body: [
      reply,
      props.place ? hidden('place', props.place) : '',
      button(props.label, { kind: props.kind ?? 'primary', ...(props.kind !== 'link' && { icon: 'passkey' as const }) }),
      html`<button class="button outline" type="button" data-again hidden><span>${t('login.passkey_create.no_window')}</span></button>`,
    ],
  })
}

const stop = (page: PageContext) => html`<button class="button outline" type="button" data-stop hidden><span>${page.t('passkey.stop')}</span></button>`

/** Stands in for passkey buttons where there is no script, or a browser that knows no passkeys. `other`: where a way without them is. */
export function withoutPasskeys({ t }: PageContext, other: 'below' | 'above' | 'nowhere' = 'below'): Html {
  const noScript = { below: 'passkey.no_script', above: 'passkey.no_script_above', nowhere: 'passkey.no_script_only' } as const
  const unsupported = t(other === 'nowhere' ? 'passkey.unsupported_only' : 'passkey.unsupported')
  return html`<noscript><p class="note">${t(noScript[other])}</p></noscript><p class="note" data-unsupported hidden>${unsupported}</p>`
}

/** In another app's browser: why there is no button, and how to get one. */
export function insideApp(page: PageContext, platform: 'ios' | 'android'): Html {
  return html`<div class="note">${page.t(`passkey.in_app_${platform}`)}${when(
    page.app?.homeUrl,
    (url) => html` <button class="link" type="button" data-copy="${url}" data-copied="${page.t('page.copied')}" hidden>${page.t('passkey.copy_address', { app: page.app?.name ?? '' })}</button>`,
  )}</div>`
}
