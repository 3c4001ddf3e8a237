import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { attributes } from './form.ts'
import { reportUrl } from './passkey.ts'

/** What the browser and its password manager should know of somebody's passkeys (WebAuthn Level 3, section 5.1.10). Ids are base64url. */
export interface Signal {
  rpId: string
  /** a passkey that NO account has: its keeper hides or deletes it. One whose removal can still be undone is not unknown */
  unknown?: string
  /** user handle (`account.userHandle`) of whom `accepted` and `user` speak; only after a proof of theirs */
  userId?: string
  /** ALL passkeys that sign this person in: whatever else the keeper has of theirs, it hides or deletes */
  accepted?: string[]
  /** what the keeper should show for them now; the two that a passkey was made with (passkeys/options.ts) */
  user?: { name: string; displayName: string }
}

/** Brings its own script, which passes the news on where the browser takes such, without a word to the person. */
export function signal(page: PageContext, news: Signal): Html {
  return html`<span${attributes({ 'data-signal': JSON.stringify(news), 'data-report': reportUrl(page), hidden: true })}></span><script type="module" src="${page.asset('signal.js')}"></script>`
}
