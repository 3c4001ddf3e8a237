import html from 'escape-html-template-tag'
import type { IdentifierKind } from '../../src/storage/types.ts'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form } from '../parts/form.ts'
import { problem } from '../parts/problem.ts'
import { accountLayout, backToSection, type AccountPageContext } from './frame.ts'

export interface IdentifierAddProps {
  kind: IdentifierKind
  /** as it was typed, to be corrected */
  typed?: string
  /** `own`: the account has it already; `often`: it has taken too many of late */
  error?: 'empty' | 'form' | 'local_part' | 'country' | 'no_such_number' | 'reserved' | 'confusable' | 'taken' | 'own' | 'often'
  /** `often`: after how many it may take another */
  days?: number
  /** numbers without their country cannot be read */
  needsCountry: boolean
  /** a typing mistake is put right, nothing is added */
  correcting?: boolean
  /** the username that goes */
  before?: string
}

const inputs: Record<IdentifierKind, Record<string, string>> = {
  email: { type: 'email', inputmode: 'email', autocomplete: 'email' },
  phone: { type: 'tel', inputmode: 'tel', autocomplete: 'tel' },
  username: { type: 'text', autocomplete: 'off' },
}

/** One field: what is to be added, or what was meant. */
export function identifierAddPage(page: AccountPageContext, props: IdentifierAddProps): Html {
  const { t, path } = page
  const { kind, typed = '', correcting = false, before } = props
  const title = t(correcting ? (kind === 'phone' ? 'account.identifier.correct_phone' : 'account.identifier.correct_email') : before === undefined ? `account.ways.add_${kind}` : 'account.identifier.change_username')
  const error = props.error && errorText(page, props, props.error)
  return accountLayout(page, {
    title,
    current: 'ways',
    error: error !== undefined,
    mainForm: true,
    problem: error ? problem(page, error, 'identifier') : '',
    body: [
      when(before, (name) => html`<p>${t('account.identifier.username_before', { name })}</p>`),
      form(page, {
        action: path,
        main: true,
        body: [
          field(page, {
            id: 'identifier',
            label: t(`login.sign_up.${kind}.label`),
            hint: props.needsCountry ? t('login.sign_up.country') : t(`login.sign_up.${kind}.hint`),
            error,
            input: { ...inputs[kind], autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false', enterkeyhint: kind === 'username' ? 'done' : 'next', autofocus: error === undefined, value: typed },
          }),
          html`<div class="buttons">${button(t(kind === 'username' ? 'account.identifier.save' : 'account.identifier.send'), { kind: 'primary' })}</div>`,
        ],
      }),
      backToSection(page, 'ways'),
    ],
  })
}

function errorText({ t }: AccountPageContext, { kind, days = 1 }: IdentifierAddProps, error: NonNullable<IdentifierAddProps['error']>): string {
  switch (error) {
    case 'local_part':
    case 'country':
      return t(`login.sign_up.${error}`)
    case 'no_such_number':
      return t('login.no_such_number')
    case 'reserved':
    case 'confusable':
      return t(`login.sign_up.${kind}.unavailable`)
    case 'own':
      return t('account.identifier.own')
    case 'often':
      return t('account.identifier.often', { days })
    default:
      return t(`login.sign_up.${kind}.${error}`)
  }
}
