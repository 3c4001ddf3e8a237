import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { changeList, type ListedChange } from '../parts/change-list.ts'
import { form } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface FreezeNoticeProps {
  /** what was disowned */
  changes: ListedChange[]
}

/** What somebody disowned, shown to who has a passkey of before: that one decides. */
export function freezeNoticePage(page: PageContext, { changes }: FreezeNoticeProps): Html {
  const { t } = page
  const title = t('login.freeze_notice.title')
  const decide = (name: 'undo' | 'keep' | 'later', words: string, kind: 'primary' | 'outline' | 'link') =>
    form(page, { action: `${page.base}/freeze-notice`, attributes: { class: kind === 'link' ? 'line' : undefined }, body: button(words, { kind, attributes: { name, value: '1' } }) })
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      html`<p>${t('login.freeze_notice.text')}</p>`,
      changeList(page, changes),
      decide('undo', t('login.freeze_notice.undo'), 'primary'),
      decide('keep', t('login.freeze_notice.keep'), 'outline'),
      html`<p class="small">${t('login.freeze_notice.meaning')}</p>`,
      status(page),
      waysOut(page, decide('later', t('login.freeze_notice.later'), 'link')),
    ],
  })
}
