import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import type { DemoTranslate } from './frame.ts'
import { claimMeaning } from './texts.ts'

const times = new Set(['iat', 'exp', 'auth_time', 'updated_at'])

/** The value as it came; times also as people read them, on this machine's clock: the demo never runs anywhere else. */
function claimValue(page: PageContext, name: string, value: unknown): Html {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (!times.has(name) || typeof value !== 'number') return html`<code>${text}</code>`
  const time = new Date(value * 1000)
  const words = time.toLocaleString(page.locale, { dateStyle: 'medium', timeStyle: 'medium' })
  return html`<code>${text}</code> <time class="demo-meta" datetime="${time.toISOString()}">${words}</time>`
}

/** One claim per row: name, value, and what it says in words. */
export function claimsTable(page: PageContext, t: DemoTranslate, caption: string, claims: Record<string, unknown>): Html {
  const rows = Object.entries(claims).map(
    ([name, value]) => html`<tr><th scope="row"><code>${name}</code></th><td>${claimValue(page, name, value)}</td><td>${claimMeaning(page.locale, name)}</td></tr>
`,
  )
  return html`<table class="demo-claims">
<caption class="visually-hidden">${caption}</caption>
<thead><tr><th scope="col">${t('claim')}</th><th scope="col">${t('value')}</th><th scope="col">${t('meaning')}</th></tr></thead>
<tbody>${rows}</tbody>
</table>`
}
