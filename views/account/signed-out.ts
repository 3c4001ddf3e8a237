import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'

/** Nobody is signed in (any more): the way back to where they were. */
export function signedOutPage(page: PageContext, { url }: { url: string }): Html {
  const title = page.t('account.signed_out.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'out' }),
      html`<p>${page.t('account.signed_out.text')}</p>`,
      linkButton(page.t('account.signed_out.sign_in'), url, 'primary'),
    ],
  })
}
