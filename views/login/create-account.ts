import html from 'escape-html-template-tag'
import type { IdentifierKind } from '../../src/storage/types.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { unbroken } from '../parts/breakable.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface CreateAccountProps {
  /** what was typed */
  who: string
  kind: IdentifierKind
}

/** Sign-in, after the proof: nobody has this address yet. */
export function createAccountPage(page: PageContext, { who, kind }: CreateAccountProps): Html {
  const { t } = page
  const title = t('login.create_account.title', { email: kind === 'phone' ? unbroken(who) : who })
  return layout(page, {
    title,
    body: [
      heading(page, title),
      html`<p>${t(`login.create_account.${kind}`)}</p>`,
      form(page, {
        action: `${page.base}/create-account`,
        body: [hidden('create', '1'), button(t('login.create_account.create'), { kind: 'primary' })],
      }),
      form(page, { action: `${page.base}/identifier`, body: [hidden('change', 'other'), button(t(`login.create_account.other_${kind}`))] }),
      status(page),
      waysOut(page),
    ],
  })
}
