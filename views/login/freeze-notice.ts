import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { changeList, type ListedChange } from '../parts/change-list.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { notice } from '../parts/problem.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface FreezeNoticeProps {
  /** what was disowned */
  changes: ListedChange[]
  /** names them: comes back with the decision */
  shown: string
  /** since it was shown before */
  changed?: boolean
}

/** What somebody disowned, shown to who has a passkey of before: that one decides. */
export function freezeNoticePage(page: PageContext, { changes, shown, changed = false }: FreezeNoticeProps): Html {
  const { t } = page
  const title = t('login.freeze_notice.title')
  const decide = (name: 'undo' | 'keep' | 'later', words: string, kind: 'primary' | 'outline' | 'link') =>
    form(page, { action: `${page.base}/freeze-notice`, attributes: { class: kind === 'link' ? 'line' : undefined }, body: [hidden('shown', shown), button(words, { kind, attributes: { name, value: '1' } })] })
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'lock' }),
      changed ? notice(t('login.freeze_notice.changed'), t('login.freeze_notice.look_again')) : '',
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
