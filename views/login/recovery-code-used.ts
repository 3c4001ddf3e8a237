import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { onwards } from '../parts/app-words.ts'
import { button } from '../parts/button.ts'
import { form } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { few } from '../parts/recovery-codes.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface RecoveryCodeUsedProps {
  /** codes that remain */
  left: number
  /** a mail about it is on its way */
  told: boolean
  /** a passkey may be made now, and this browser can */
  canCreate: boolean
  /** the sign-in is complete */
  canContinue: boolean
}

/** A recovery code was used: what is left, and what makes the next sign-in easier. */
export function recoveryCodeUsedPage(page: PageContext, { left, told, canCreate, canContinue }: RecoveryCodeUsedProps): Html {
  const { t, base } = page
  const title = t('login.recovery_code_used.title')
  const press = (name: string, text: string, kind: 'primary' | 'outline') =>
    form(page, { action: `${base}/recovery-code-used`, body: button(text, { kind, attributes: { name, value: '1' }, ...(name === 'create' && { icon: 'passkey' as const }) }) })
  const goOn = canContinue ? onwards(page) : t('page.continue')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'key' }),
      html`<p>${t('login.recovery_code_used.left', { n: left })}${told ? ` ${t('login.recovery_code_used.told')}` : ''}</p>`,
      left <= few ? html`<p>${t('login.recovery_code_used.few')}</p>` : '',
      canCreate ? html`<p>${t('login.recovery_code_used.passkey')}</p>` : '',
      html`<div class="buttons">${canCreate ? press('create', t('login.passkey_create.create'), 'primary') : ''}${press('continue', goOn, canCreate ? 'outline' : 'primary')}</div>`,
      status(page),
      // What goes on to the app would stand beside what gives up, in nearly the same words.
      canContinue ? '' : waysOut(page),
    ],
  })
}
