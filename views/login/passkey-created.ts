import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { onwards } from '../parts/app-words.ts'
import { besidesElsewhere, type Besides } from '../parts/besides.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { passkeyCard, type PasskeyCardProps, passkeyReach } from '../parts/passkey-card.ts'
import { status } from '../parts/status.ts'

export interface PasskeyCreatedProps extends PasskeyCardProps {
  synced: boolean
  besides: Besides
}

/** Your passkey is ready. */
export function passkeyCreatedPage(page: PageContext, made: PasskeyCreatedProps): Html {
  const { t } = page
  const title = t('login.passkey_created.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'done' }),
      passkeyCard(page, made),
      html`<p>${passkeyReach(page, made) ?? besidesElsewhere(page, made.besides)}</p>`,
      status(page, t('login.passkey_created.status'), { spoken: true }),
      form(page, {
        action: `${page.base}/passkey-create`,
        body: [hidden('continue', '1'), button(onwards(page), { kind: 'primary' })],
      }),
    ],
  })
}
