import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { problem } from '../parts/problem.ts'
import { recoveryCodesForm } from '../parts/recovery-codes.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface RecoveryCodesPageProps {
  /** names the codes that there are */
  current: string
  /** present: just made, and shown this once */
  codes?: string[]
  notSaved?: boolean
  /** some were made before, and are not shown again */
  again?: boolean
}

/** The codes of a new account that nothing can be sent to: nobody could help its owner back in. */
export function recoveryCodesPage(page: PageContext, { current, codes, notSaved = false, again = false }: RecoveryCodesPageProps): Html {
  const { t, base } = page
  const title = t('recovery_codes.title')
  const action = `${base}/recovery-codes`
  return layout(page, {
    title,
    error: notSaved,
    // A page fetched anew would have no codes to show.
    languages: codes === undefined,
    body: [
      notSaved ? problem(page, t('recovery_codes.not_saved'), 'saved') : '',
      heading(page, title, notSaved || codes ? {} : { icon: 'key' }),
      html`<div class="box warning">${icon('info')}<p>${t('login.recovery_codes.alone')}</p></div>`,
      codes
        ? [html`<p>${t('recovery_codes.text')}</p>`, recoveryCodesForm(page, { codes, action, notSaved })]
        : [
            html`<p>${t(again ? 'login.recovery_codes.again' : 'login.recovery_codes.what')}</p>`,
            form(page, { action, body: [hidden('current', current), button(t(again ? 'login.recovery_codes.make_new' : 'login.recovery_codes.make'), { kind: 'primary', attributes: { name: 'make', value: '1' } })] }),
          ],
      status(page),
      waysOut(page),
    ],
  })
}
