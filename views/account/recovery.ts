import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { deviceName } from '../parts/device.ts'
import { icon } from '../parts/icons.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'
import { nextCard, type NextStep } from './overview.ts'

export interface RecoveryProps {
  /** keepers of the passkeys that come back on another device */
  synced: string[]
  /** names of the passkeys that stay on theirs */
  onDevices: string[]
  /** recovery codes that are left */
  codes: number
  byEmail: boolean
  /** a text reaches the number on another phone with the same SIM */
  byPhone: boolean
  /** before a passkey may be made by a code alone; 0: no wait */
  waitHours: number
  next: NextStep
}

/** "If you lose your phone": sentences about this account, and the one thing to do now. */
export function recoveryPage(page: AccountPageContext, props: RecoveryProps): Html {
  const { t } = page
  const { synced, onDevices, codes, byEmail, byPhone, waitHours, next } = props
  const works = [
    ...synced.map((keeper) => t('account.recovery.synced', { keeper: deviceName(page, keeper) })),
    ...(onDevices.length > 1 ? [t('account.recovery.others')] : []),
    ...(codes > 0 ? [t('account.recovery.codes', { n: codes })] : []),
    ...(byEmail ? [t(waitHours > 0 ? 'account.recovery.email_wait' : 'account.recovery.email', { hours: waitHours })] : []),
    ...(byPhone ? [t('account.recovery.phone')] : []),
  ]
  const lost = onDevices.map((name) => t('account.recovery.device', { name: deviceName(page, name) }))
  const list = (name: 'done' | 'info', kind: string, sentences: string[]) => html`<ul class="checks">${sentences.map((sentence) => html`<li class="${kind}">${icon(name)}<span>${sentence}</span></li>`)}</ul>`
  return accountLayout(page, {
    title: t('account.recovery.title'),
    current: 'recovery',
    body: [
      works.length > 0 ? html`<section class="day"><h2>${t('account.recovery.works')}</h2>${list('done', 'met', works)}</section>` : html`<p>${t('account.recovery.nothing')}</p>`,
      lost.length > 0 ? html`<section class="day"><h2>${t('account.recovery.lost')}</h2>${list('info', 'unmet', lost)}</section>` : '',
      nextCard(page, next),
    ],
  })
}
