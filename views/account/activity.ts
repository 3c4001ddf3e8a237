import html from 'escape-html-template-tag'
import type { ToldType } from '../../src/account/activity-words.ts'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { localTime } from '../parts/local-time.ts'
import { readableDate } from '../parts/time.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export const activityFilters = ['all', 'sign_ins', 'changes', 'problems'] as const
export type ActivityFilter = (typeof activityFilters)[number]

export interface ListedActivity {
  type: string
  /** ms */
  at: number
  /** "Chrome on Windows" */
  device?: string
  /** name of the app that it was at */
  app?: string
  method?: string
  kind?: string
  on?: boolean
  /** id of the change that can still be stopped */
  disown?: string
}

export interface ActivityProps {
  filter: ActivityFilter
  /** newest first */
  entries: ListedActivity[]
  /** ms: where the next page begins */
  older?: number
}

/** What happened, by day, in sentences. */
export function activityPage(page: AccountPageContext, { filter, entries, older }: ActivityProps): Html {
  const { t, base, locale } = page
  const days = Map.groupBy(entries, ({ at }) => readableDate(at, locale))
  const link = (one: ActivityFilter) => html`<li><a class="link" href="${base}/activity${one === 'all' ? '' : `?filter=${one}`}"${one === filter ? html` aria-current="true"` : ''}>${t(`account.activity.filter_${one}`)}</a></li>`
  return accountLayout(page, {
    title: t('account.activity.title'),
    current: 'activity',
    body: [
      html`<nav aria-label="${t('account.activity.filter')}"><ul class="filters">${activityFilters.map(link)}</ul></nav>`,
      entries.length === 0 ? html`<p class="lead">${t('account.activity.none')}</p>` : '',
      [...days].map(([day, ofDay]) => html`<section class="day"><h2>${day}</h2><ul class="entries">${ofDay.map((entry) => activity(page, entry))}</ul></section>`),
      when(older, (before) => html`<p><a class="link" href="${base}/activity?${filter === 'all' ? '' : `filter=${filter}&`}before=${before}">${t('account.activity.older')}</a></p>`),
    ],
  })
}

function activity(page: AccountPageContext, entry: ListedActivity): Html {
  const { t, path } = page
  const { at, device, app, disown } = entry
  const where = [device !== undefined && deviceName(page, device), app !== undefined && t('account.activity.at', { app })].filter((part) => part !== false)
  const what = sentence(page, entry)
  return html`<li><p class="entry-name">${what}</p><p class="hint">${localTime(page, at)}${where.map((part) => `, ${part}`)}</p>${when(disown, (id) => html`<div class="entry-actions">${form(page, { action: path, body: [hidden('disown', id), button(t('account.activity.not_me'), { kind: 'link', attributes: { 'aria-label': `${t('account.activity.not_me')}: ${what}` } })] })}</div>`)}</li>`
}

function sentence({ t }: AccountPageContext, { type, method = 'other', kind = 'other', on = false }: ListedActivity): string {
  return t(`account.activity.${type.replace('.', '_') as Underscored}`, { method, kind, on: on ? 'on' : 'off' })
}

type Underscored = ToldType extends infer T extends string ? (T extends `${infer A}.${infer B}` ? `${A}_${B}` : T) : never
