import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { wayList, withoutPasskey, type Targets } from '../parts/ways.ts'
import { waysOut, withoutNewPasskey } from '../parts/ways-out.ts'

export interface MethodsProps {
  email?: string
  to?: Targets
  ways: Way[]
  /** the passkey request; without it the passkey row posts to /methods like the others */
  options?: object
  /** somebody who is signed in already: the address is not up for change */
  stepUp: boolean
  /** all that is missing is the right to add a passkey, which may be given up */
  canContinue: boolean
}

/** Choose how to sign in. */
export function methodsPage(page: PageContext, { email, to, ways, options, stepUp, canContinue }: MethodsProps): Html {
  const { t } = page
  const title = t(stepUp ? 'login.methods.title_step_up' : 'login.methods.title')
  return layout(page, {
    title,
    body: [
      heading(page, title),
      when(email, (address) => identityRow(page, address, { change: !stepUp })),
      withoutPasskeys(page, withoutPasskey(ways) || canContinue ? 'below' : 'nowhere'),
      wayList(page, ways, { to, options }, { lead: true }),
      status(page),
      waysOut(page, canContinue ? withoutNewPasskey(page, 'link') : '', html`<p class="line"><a class="link" href="${page.base}/help">${t('way.none')}</a></p>`),
    ],
  })
}
