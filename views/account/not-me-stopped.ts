import html from 'escape-html-template-tag'
import type { ChangeKind } from '../../src/storage/types.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { changeList, type ListedChange } from '../parts/change-list.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'
import { type GoOn, wayOn } from './message.ts'

export interface NotMeStoppedProps {
  /** at least one */
  stopped: ListedChange[]
  next?: GoOn
}

const outcomes: Record<ChangeKind, 'passkey' | 'device' | 'recovery' | 'added' | 'removed' | 'person'> = {
  passkey_added: 'passkey',
  passkey_removed: 'removed',
  identifier_added: 'added',
  identifier_removed: 'removed',
  method_added: 'added',
  method_removed: 'removed',
  recovery_codes_made: 'added',
  recovery_code_used: 'person',
  recovery_started: 'recovery',
  passkeys_only_on: 'person',
  passkeys_only_off: 'person',
  new_device: 'device',
}

/** What was stopped, and what the person does next to decide about it. */
export function notMeStoppedPage(page: PageContext, { stopped, next }: NotMeStoppedProps): Html {
  const { t } = page
  const title = t('account.not_me_stopped.title')
  const what = [...new Set(stopped.map(({ kind }) => outcomes[kind]))].map((outcome) => t(`account.not_me_stopped.${outcome}`))
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'done' }),
      html`<p>${[...what, t('account.not_me_stopped.frozen')].join(' ')}</p>`,
      stopped.length > 1 && changeList(page, stopped),
      html`<dl class="answers">${(['passkey', 'recovery'] as const).map(
        (way) => html`<div><dt>${t(`account.not_me_stopped.by_${way}`)}</dt><dd>${t(`account.not_me_stopped.by_${way}_text`)}</dd></div>`,
      )}</dl>`,
      status(page, t('account.not_me_stopped.status'), { spoken: true }),
      wayOn(page, next, t('account.open_app')),
    ],
  })
}
