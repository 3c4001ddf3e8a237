import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { status } from '../parts/status.ts'

export interface PasskeyCreatedProps {
  name: string
  /** "iCloud Keychain", from the authenticator's AAGUID */
  storedIn?: string
  /** kind of its keeper, for the picture */
  icon?: 'cloud' | 'manager' | 'phone' | 'laptop' | 'key'
  synced: boolean
}

/** Your passkey is ready. */
export function passkeyCreatedPage(page: PageContext, { name, storedIn, synced, icon: kind }: PasskeyCreatedProps): Html {
  const { t, app } = page
  const title = t('login.passkey_created.title')
  const where = synced
    ? storedIn
      ? t('login.passkey_created.synced', { place: storedIn })
      : t('login.passkey_created.synced_unknown')
    : t('login.passkey_created.device_only')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'done' }),
      html`<div class="card">${icon(kind ?? 'passkey')}<div><p class="card-title">${name}</p>${when(storedIn !== name && storedIn, (place) => html`<p class="hint">${place}</p>`)}</div></div>`,
      html`<p>${where}</p>`,
      status(page, t('login.passkey_created.status'), { spoken: true }),
      form(page, {
        action: `${page.base}/passkey-create`,
        body: [hidden('continue', '1'), button(app ? t('page.continue_to_app', { app: app.name }) : t('page.continue'), { kind: 'primary' })],
      }),
    ],
  })
}
