import html from 'escape-html-template-tag'
import type { ChangeKind } from '../../src/storage/types.ts'
import type { Html, PageContext } from '../page.ts'
import { deviceName } from './device.ts'
import { localTime } from './local-time.ts'

/** `at` in ms, `device` as "Chrome on Windows" */
export interface ListedChange {
  kind: ChangeKind
  at: number
  device: string
}

/** What was done to the account, from where, and when. */
export function changeList(page: PageContext, changes: ListedChange[]): Html {
  const { t } = page
  return html`<dl class="facts">${changes.map(({ kind, at, device }) => html`<div><dt>${t(`account.change.${kind}`)}</dt><dd>${deviceName(page, device)}, ${localTime(page, at)}</dd></div>`)}</dl>`
}
