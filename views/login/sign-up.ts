import html from 'escape-html-template-tag'
import type { IdentifierKind } from '../../src/storage/types.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { problems } from '../parts/problem.ts'
import { rememberBox, type RememberBox } from '../parts/remember.ts'
import { rich } from '../parts/rich.ts'
import { status } from '../parts/status.ts'
import { waysOut, withTyped } from '../parts/ways-out.ts'

/** `held`: it was given up a short while ago, and nobody can have it yet. `suggestions`: free names like the one that is taken. */
export type SignUpError =
  | { reason: 'empty' | 'local_part' | 'country' | 'no_such_number' | 'unavailable' | 'held' }
  /** `usual`: what names may look like is what everybody expects */
  | { reason: 'form'; usual?: boolean }
  | { reason: 'taken'; suggestions?: string[] }

export interface SignUpField {
  kind: IdentifierKind
  /** of the input: `identifier` where it is the only one */
  name: string
  required: boolean
  /** a code is sent to it at once */
  proven: boolean
  value?: string
  error?: SignUpError
}

export interface SignUpProps {
  fields: SignUpField[]
  /** nothing was filled in, where no field has to be and one is enough */
  nothing?: boolean
  remember: RememberBox
}

/** Create your account: what config asks for, and nothing else. No passkey autofill here: an old passkey offered now would confuse. */
export function signUpPage(page: PageContext, { fields, remember, nothing = false }: SignUpProps): Html {
  const { t, theme } = page
  const title = t('login.sign_up.title')
  const oneEnough = fields.length > 1 && fields.every(({ required }) => !required)
  const [first] = fields
  const wrong = [
    ...(nothing && first ? [{ text: t('login.sign_up.one_needed'), field: first.name }] : []),
    ...fields.flatMap((one) => (one.error ? [{ text: sentence(page, one.kind, one.error), field: one.name }] : [])),
  ]
  return layout(page, {
    title,
    error: wrong.length > 0,
    mainForm: true,
    body: [
      wrong.length > 0 ? problems(page, wrong) : '',
      heading(page, title),
      form(page, {
        action: `${page.base}/sign-up`,
        main: true,
        body: [
          hidden('capabilities', ''),
          oneEnough ? html`<p>${t('login.sign_up.one_enough')}</p>` : '',
          fields.map((one, index) => field(page, {
            id: one.name,
            label: one.required || oneEnough ? t(`login.sign_up.${one.kind}.label`) : t('login.sign_up.optional', { label: t(`login.sign_up.${one.kind}.label`) }),
            // What went wrong says more.
            hint: one.kind === 'username' && one.error ? undefined : hint(page, one),
            error: one.error && sentence(page, one.kind, one.error),
            input: { ...inputs[one.kind], value: one.value ?? '', required: one.required, enterkeyhint: 'next', autofocus: fields.length === 1 && index === 0 && wrong.length === 0 },
          })),
          rememberBox(page, remember),
          button(t('page.continue'), { kind: 'primary' }),
        ],
      }),
      status(page),
      theme.termsUrl && theme.privacyUrl
        ? html`<p class="small">${rich(t('login.sign_up.terms'), {
            terms: (words) => html`<a href="${theme.termsUrl}">${words}</a>`,
            privacy: (words) => html`<a href="${theme.privacyUrl}">${words}</a>`,
          })}</p>`
        : '',
      waysOut(
        page,
        withTyped(page, t('login.sign_up.have_account'), t('login.sign_up.sign_in'), { name: 'change', value: 'sign_in' }),
      ),
    ],
  })
}

const asTyped = { autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false' }

const inputs: Record<IdentifierKind, Record<string, string>> = {
  email: { type: 'email', inputmode: 'email', autocomplete: 'email', ...asTyped },
  phone: { type: 'tel', inputmode: 'tel', autocomplete: 'tel' },
  username: { type: 'text', autocomplete: 'username', ...asTyped },
}

function hint({ t }: PageContext, { kind, proven }: SignUpField): string | undefined {
  if (kind === 'username') return t('login.sign_up.username.hint')
  return proven ? t(`login.sign_up.${kind}.hint`) : undefined
}

function sentence({ t }: PageContext, kind: IdentifierKind, error: SignUpError): string {
  if (error.reason === 'no_such_number') return t('login.no_such_number')
  if (error.reason === 'local_part' || error.reason === 'country') return t(`login.sign_up.${error.reason}`)
  if (error.reason === 'form' && kind === 'username' && error.usual) return t('login.sign_up.username.form_usual')
  if (error.reason !== 'taken' || kind !== 'username') return t(`login.sign_up.${kind}.${error.reason}`)
  const [a, b] = error.suggestions ?? []
  return a !== undefined && b !== undefined ? t('login.sign_up.username.taken_try', { a, b }) : t('login.sign_up.username.taken')
}
