import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { icon } from '../parts/icons.ts'
import { problem } from '../parts/problem.ts'
import { few, recoveryCodesForm } from '../parts/recovery-codes.ts'
import { accountLayout, type AccountPageContext, backToSection } from './frame.ts'

export interface MakeCodesProps {
  /** absent: there are none yet */
  left?: number
  /** names the codes that there are: a form that is sent twice makes new ones once */
  current: string
  /** they were shown, and are not shown again */
  shown?: boolean
}

/** What recovery codes are for, how many are left, and the button that makes new ones. */
export function makeCodesPage(page: AccountPageContext, { left, current, shown = false }: MakeCodesProps): Html {
  const { t } = page
  const note = (kind: 'info' | 'warning', text: string) => html`<div class="box ${kind}">${icon('info')}<p>${text}</p></div>`
  const state = (n: number | undefined) => {
    const words = n === undefined ? '' : t('account.recovery_codes.left', { n })
    return n !== undefined && n <= few ? note('warning', words) : when(words, (plain) => html`<p>${plain}</p>`)
  }
  return accountLayout(page, {
    title: t('account.recovery_codes.title'),
    current: 'ways',
    body: [
      html`<p>${t('account.recovery_codes.text')}</p>`,
      shown ? note('info', t('account.recovery_codes.shown')) : state(left),
      form(page, {
        action: page.path,
        body: [
          hidden('current', current),
          html`<p class="hint">${t(left === undefined ? 'account.recovery_codes.once' : 'account.recovery_codes.ends_old')}</p>`,
          html`<div class="buttons">${button(t(left === undefined ? 'account.ways.make_codes' : 'account.ways.make_new_codes'), { kind: 'primary', attributes: { name: 'make', value: '1' } })}</div>`,
        ],
      }),
      backToSection(page, 'ways'),
    ],
  })
}

export interface SaveCodesProps {
  codes: string[]
  /** these took the place of older ones */
  replaced: boolean
  notSaved?: boolean
}

/** The codes, shown this once. */
export function saveCodesPage(page: AccountPageContext, { codes, replaced, notSaved = false }: SaveCodesProps): Html {
  const { t } = page
  return accountLayout(page, {
    title: t('recovery_codes.title'),
    current: 'ways',
    error: notSaved,
    problem: notSaved ? problem(page, t('recovery_codes.not_saved'), 'saved') : '',
    // A page fetched anew would have no codes to show.
    languages: false,
    body: [
      html`<p>${t('recovery_codes.text')}${replaced ? ` ${t('account.recovery_codes.old_ended')}` : ''}</p>`,
      recoveryCodesForm(page, { codes, action: page.path, notSaved }),
    ],
  })
}
