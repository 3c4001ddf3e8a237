import html from 'escape-html-template-tag'
import type { IdentifierKind } from '../../src/storage/types.ts'
import type { Html, PageContext } from '../page.ts'
import { attributes } from './form.ts'

export interface RememberBox {
  checked: boolean
  /** the sign-in is kept too, not only what was typed */
  staysSignedIn: boolean
  /** what people sign in with here */
  kinds: IdentifierKind[]
}

/** "Remember me on this device": off unless somebody ticks it. */
export function rememberBox({ t }: PageContext, { checked, staysSignedIn, kinds }: RememberBox): Html {
  const [only] = kinds
  const what = kinds.length === 1 && only ? only : 'other'
  const label = staysSignedIn ? t('page.remember') : t(`page.remember_only.${what}`)
  const hint = staysSignedIn ? t(`page.remember_hint.${what}`) : t('page.remember_hint')
  return html`<div class="check"><input${attributes({ type: 'checkbox', id: 'remember', name: 'remember', value: '1', checked, 'aria-describedby': 'remember-hint' })}><label for="remember">${label}</label><p class="hint" id="remember-hint">${hint}</p></div>`
}
