import html from 'escape-html-template-tag'
import type { PasskeyNotice } from '../../src/login/state.ts'
import type { Fabric } from '../../src/passkeys/index.ts'
import type { IdentifierKind } from '../../src/storage/types.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { attributes, form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { insideApp, passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { passkeyNotice, refusals, type Platform } from '../parts/passkey-notice.ts'
import { notice, problem } from '../parts/problem.ts'
import { rememberBox, type RememberBox } from '../parts/remember.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { status } from '../parts/status.ts'
import { waysOut, withTyped } from '../parts/ways-out.ts'

export interface IdentifierProps {
  /** what people sign in with here, in the order in which the label names it */
  kinds: IdentifierKind[]
  value?: string
  /** `kind`: what it was read as, where that is known */
  error?: { reason: 'empty' | 'form' | 'local_part' | 'country' | 'no_such_number'; kind?: IdentifierKind }
  /** a passkey was tried and not used: said here, quietly */
  notice?: PasskeyNotice
  /** with a notice: where the passkey is kept, "Apple Passwords" */
  keeper?: string
  /** … what carries it from device to device */
  fabric?: Fabric
  /** … no account has it: the browser is told */
  unknown?: Signal
  platform?: Platform
  passkey: { options: object; freshRetry?: boolean }
  /** a passkey was used on this device before: it comes first */
  knownDevice: boolean
  /** policy wants a phone or a key first: the request for those */
  elsewhere?: object
  /** the button is only for browsers that say by themselves when there is no passkey here: others would show a QR code */
  onlyImmediate?: boolean
  inApp?: 'ios' | 'android'
  remember: RememberBox
}

/** Sign in: one field, autofill of passkeys in it, and the passkey button. */
export function identifierPage(page: PageContext, props: IdentifierProps): Html {
  const { t } = page
  const title = t('login.identifier.title')
  const set = setOf(props.kinds)
  const error = props.error && sentence(page, set, props.error)
  const news = props.notice && passkeyNotice(page, props.notice, props)
  const elsewhere = props.inApp ? undefined : props.elsewhere
  const passkeyFirst = (props.knownDevice || elsewhere !== undefined) && !props.inApp

  const typing = form(page, {
    action: `${page.base}/identifier`,
    main: true,
    attributes: { 'data-immediate-first': !props.inApp && !(props.notice && refusals.has(props.notice)) },
    body: [
      hidden('capabilities', ''),
      field(page, {
        id: 'identifier',
        label: t(`login.identifier.label.${set}`),
        error,
        input: {
          ...keyboards[set],
          value: props.value ?? '',
          autocomplete: 'username webauthn',
          autocapitalize: 'none',
          autocorrect: 'off',
          spellcheck: 'false',
          enterkeyhint: 'next',
          autofocus: !error && !passkeyFirst,
        },
      }),
      rememberBox(page, props.remember),
      button(t('page.continue'), passkeyFirst ? { attributes: { 'data-lead-otherwise': true } } : { kind: 'primary' }),
    ],
  })
  const passkey = props.inApp
    ? insideApp(page, props.inApp)
    : html`${when(elsewhere, (options) => passkeyForm(page, { options, label: t('login.other_device.show'), kind: 'primary', remember: true }))}${passkeyForm(page, {
        ...props.passkey,
        label: t(elsewhere ? 'login.identifier.this_device' : passkeyFirst ? 'passkey.continue' : 'passkey.sign_in'),
        kind: passkeyFirst && !elsewhere ? 'primary' : 'outline',
        onlyImmediate: props.onlyImmediate,
        // What the server has refused would be answered to it again and again.
        conditional: !(props.notice && refusals.has(props.notice)),
        immediate: true,
        identifier: true,
        remember: true,
      })}${withoutPasskeys(page, passkeyFirst ? 'below' : 'above')}`

  return layout(page, {
    title,
    error: error !== undefined,
    mainForm: true,
    body: [
      when(error, (text) => problem(page, text, 'identifier')),
      heading(page, title),
      when(news, ({ title, text }) => notice(title, text)),
      when(props.unknown, (unknown) => signal(page, unknown)),
      passkeyFirst
        ? html`${elsewhere ? html`<p class="lead">${t('login.identifier.elsewhere')}</p>` : html`<p class="lead">${t('passkey.gesture')}</p>`}${passkey}${status(page)}<p class="or">${t(`login.identifier.or.${set in single ? (set as keyof typeof single) : 'other'}`)}</p>${typing}`
        : html`${typing}<p class="or"${attributes({ 'data-only-immediate': props.onlyImmediate, hidden: props.onlyImmediate })}>${t('page.or')}</p>${passkey}${status(page)}`,
      waysOut(page, withTyped(page, t('login.identifier.new_here'), t('login.identifier.create'), { name: 'sign_up', value: '1' })),
    ],
  })
}

const single = { email: true, phone: true, username: true }

type KindSet = 'email' | 'phone' | 'username' | 'email_phone' | 'email_username' | 'phone_username' | 'email_phone_username'

const setOf = (kinds: IdentifierKind[]): KindSet =>
  ((['email', 'phone', 'username'] as const).filter((kind) => kinds.includes(kind)).join('_') || 'email') as KindSet

/** What a phone's keyboard shows; an address needs most, so that its keys serve for what is mixed with it. */
const keyboards: Record<KindSet, Record<string, string>> = {
  email: { type: 'email', inputmode: 'email' },
  phone: { type: 'tel', inputmode: 'tel' },
  username: { type: 'text' },
  phone_username: { type: 'text' },
  email_phone: { type: 'text', inputmode: 'email' },
  email_username: { type: 'text', inputmode: 'email' },
  email_phone_username: { type: 'text', inputmode: 'email' },
}

/** Where it could have been any of several, all of them are named. */
function sentence({ t }: PageContext, set: KindSet, { reason, kind }: NonNullable<IdentifierProps['error']>): string {
  if (reason === 'no_such_number') return t('login.no_such_number')
  if (reason === 'local_part' || reason === 'country') return t(`login.identifier.${reason}`)
  return reason === 'form' && kind ? t(`login.identifier.form.${kind}`) : t(`login.identifier.empty.${set}`)
}
