import html from 'escape-html-template-tag'
import type { Method } from '../../src/policy/types.ts'
import type { IdentifierKind } from '../../src/storage/types.ts'
import type { Html } from '../page.ts'
import { unbroken } from '../parts/breakable.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { listed } from '../parts/sentences.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface IdentifierRemoveProps {
  kind: IdentifierKind
  /** as people write it */
  value: string
  /** it cannot go: every account has to have one, or nothing else would open this one */
  why?: 'required' | 'last_way_in'
  /** what would */
  left: Exclude<Method, 'email_link'>[]
  /** who hears of it and can stop it */
  told: 'itself' | 'others' | 'nobody'
  /** this sign-in rests on it alone */
  usedHere: boolean
  /** there is no other of its kind */
  alone: boolean
}

/** What is lost with it; or why it has to stay, and what to do first. */
export function identifierRemovePage(page: AccountPageContext, props: IdentifierRemoveProps): Html {
  const { t, path, base } = page
  const { kind, value, why, left } = props
  const title = t('account.identifier_remove.title', { value: kind === 'phone' ? unbroken(value) : value })
  if (why) {
    const other = kind === 'username' && why === 'last_way_in' ? 'email' : kind
    const instead = other === 'username' ? 'account.identifier.change_username' : (`account.ways.add_${other}` as const)
    return accountLayout(page, {
      title,
      current: 'ways',
      body: [
        html`<p>${t(why === 'required' ? `account.identifier_remove.required_${kind}` : 'account.identifier_remove.last')}</p>`,
        html`<div class="buttons">${linkButton(t(instead), `${base}/identifier-add/${other}`, 'primary')}${linkButton(t('account.identifier_remove.keep'), `${base}/ways`)}</div>`,
      ],
    })
  }
  return accountLayout(page, {
    title,
    current: 'ways',
    body: [
      html`<p>${t('account.identifier_remove.text')}</p>`,
      listed([
        ...(left.length === 1 ? [t(`account.identifier_remove.only_${left[0]!}`)] : []),
        ...(props.alone && kind === 'email' ? [t('account.identifier_remove.no_notices')] : []),
        ...(props.usedHere ? [t('account.identifier_remove.signs_out')] : []),
        ...(kind === 'username' ? [t('account.identifier_remove.name_free')] : []),
        ...(props.told === 'nobody' ? [] : [t(props.told === 'itself' ? 'account.identifier_remove.undo' : 'account.identifier_remove.undo_elsewhere')]),
      ]),
      html`<div class="buttons">${form(page, { action: path, body: [hidden('remove', '1'), button(t('account.identifier_remove.remove'), { kind: 'danger' })] })}${linkButton(t('account.identifier_remove.keep'), `${base}/ways`)}</div>`,
    ],
  })
}
