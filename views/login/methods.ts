import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { type Way, wayList } from '../parts/ways.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface MethodsProps {
  email?: string
  ways: Way[]
  /** the passkey request; without it the passkey row posts to /methods like the others */
  options?: object
  freshRetry?: boolean
  stepUp?: boolean
}

/** Choose how to sign in. */
export function methodsPage(page: PageContext, { email, ways, options, stepUp = false }: MethodsProps): Html {
  const { t } = page
  const title = t('login.methods.title')
  return layout(page, {
    title,
    body: [
      heading(page, title),
      when(email, (address) => identityRow(page, address, { change: !stepUp })),
      withoutPasskeys(page),
      wayList(page, ways, { email, options }, { lead: true }),
      status(page),
      waysOut(page, html`<p class="line"><a class="link" href="${page.base}/help">${t('way.none')}</a></p>`),
    ],
  })
}
