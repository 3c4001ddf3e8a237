import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { icon } from './icons.ts'

/** Who keeps a passkey, as a picture. */
export interface KeeperPicture {
  /** its kind, for a drawing of ours; absent: nothing is known of it */
  icon?: 'cloud' | 'manager' | 'phone' | 'laptop' | 'key' | undefined
  /** its own, for light and dark pages, by the names of assets */
  picture?: { light: string; dark: string } | undefined
}

/** Decoration beside the name. */
export function keeperPicture({ asset }: PageContext, { icon: kind, picture }: KeeperPicture): Html {
  if (!picture) return icon(kind ?? 'passkey')
  const { light, dark } = picture
  return html`<picture class="keeper">${light !== dark ? html`<source srcset="${asset(dark)}" media="(prefers-color-scheme: dark)">` : ''}<img src="${asset(light)}" alt="" width="24" height="24"></picture>`
}
