import html from 'escape-html-template-tag'
import type { Place } from '../../src/policy/cross-device.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { onwards } from '../parts/app-words.ts'
import { besidesElsewhere, type Besides } from '../parts/besides.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { passkeyCard, type PasskeyCardProps, passkeyReach } from '../parts/passkey-card.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { status } from '../parts/status.ts'

export interface PasskeyCreatedProps extends PasskeyCardProps {
  synced: boolean
  /** `here` by default */
  place?: Place
  /** one more can be made, where this one stays on one device */
  canAdd?: boolean
  canRename?: boolean
  besides: Besides
  signal?: Signal
}

/** Your passkey is ready. */
export function passkeyCreatedPage(page: PageContext, { besides, canAdd, canRename, signal: news, ...made }: PasskeyCreatedProps): Html {
  const { t } = page
  const title = t('login.passkey_created.title')
  const away = !made.synced && made.place === 'elsewhere'
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'done' }),
      passkeyCard(page, made),
      canRename ? html`<p class="line"><a class="link" href="${page.base}/passkey-name">${t('login.passkey_created.rename')}</a></p>` : '',
      html`<p>${passkeyReach(page, made) ?? (away ? t('login.passkey_created.elsewhere') : besidesElsewhere(page, besides))}${canAdd ? ` ${t('login.passkey_created.add_text')}` : ''}</p>`,
      status(page, t('login.passkey_created.status'), { spoken: true }),
      html`<div class="buttons">${[
        form(page, {
          action: `${page.base}/passkey-create`,
          body: [hidden('continue', '1'), button(onwards(page), { kind: 'primary' })],
        }),
        canAdd
          ? form(page, {
              action: `${page.base}/passkey-create`,
              attributes: { 'data-needs-passkey': true, hidden: true },
              body: [hidden('another', '1'), button(t('login.passkey_created.add'))],
            })
          : '',
      ]}</div>`,
      when(news, (what) => signal(page, what)),
    ],
  })
}
