import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'

export interface HandOverProps {
  /** where the answer's Refresh header goes too */
  url?: string
  /** form_post: goes on by script, by a press without it */
  form?: { action: string; fields: Record<string, string> }
}

/** Taking you back to the app. */
export function handOverPage(page: PageContext, { url, form }: HandOverProps): Html {
  const { t, app } = page
  const title = app ? t('login.hand_over.title', { app: app.name }) : t('login.hand_over.title_plain')
  return layout(page, {
    title,
    languages: false,
    body: [
      html`<div class="travel" aria-hidden="true"><span></span><span></span><span></span></div>`,
      heading(page, title, { toApp: false }),
      html`<p>${t('login.hand_over.text')}</p>`,
      // No CSRF token of ours: this form goes to the app.
      form
        ? html`<form method="post" action="${form.action}" data-auto-submit>${Object.entries(form.fields).map(([name, value]) => hidden(name, value))}${button(t('page.continue'), { kind: 'primary' })}</form>`
        : linkButton(t('page.continue'), url ?? '/', 'primary'),
    ],
  })
}
