import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { deviceName } from './device.ts'
import { type KeeperPicture, keeperPicture } from './keeper.ts'

export interface PasskeyCardProps extends KeeperPicture {
  /** the keeper's, or "Chrome on Windows": where it was made */
  name: string
  /** "iCloud Keychain", from the authenticator's AAGUID */
  storedIn?: string
}

/** A passkey: picture, name and keeper. */
export function passkeyCard(page: PageContext, { name, storedIn, ...keeper }: PasskeyCardProps): Html {
  return html`<div class="card">${keeperPicture(page, keeper)}<div><p class="card-title">${deviceName(page, name)}</p>${when(storedIn !== name && storedIn, (place) => html`<p class="hint">${place}</p>`)}</div></div>`
}

/** Where a synced passkey works; undefined for one that stays on its device. */
export function passkeyReach({ t }: PageContext, { synced, storedIn }: { synced: boolean; storedIn?: string }): string | undefined {
  if (!synced) return undefined
  return storedIn ? t('login.passkey_created.synced', { place: storedIn }) : t('login.passkey_created.synced_unknown')
}
