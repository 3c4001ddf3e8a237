import html from 'escape-html-template-tag'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { type Html, type PageContext, when } from '../page.ts'
import { demoFrame, demoTranslator } from './frame.ts'

/** Why the app has nobody signed in: cancelled, not strong enough, a check of its own, or another answer of the provider. */
export type DemoProblem =
  | { kind: 'denied' }
  | { kind: 'unmet' }
  | { kind: 'check' }
  | { kind: 'refused'; error: string; description?: string }

const words = {
  denied: ['deniedTitle', 'deniedText'],
  unmet: ['unmetTitle', 'unmetText'],
  check: ['checkTitle', 'checkText'],
  refused: ['refusedTitle', 'refusedText'],
} as const

export function demoProblemPage(page: PageContext, problem: DemoProblem): Html {
  const t = demoTranslator(page)
  const [title, text] = words[problem.kind]
  return demoFrame(page, {
    name: t('name'),
    title: t(title),
    body: html`
${heading(page, t(title), { icon: 'info' })}
<p>${t(text)}</p>
<div class="demo-actions">${linkButton(t('signIn'), '/demo/sign-in', 'primary')}${linkButton(t('back'), '/demo')}</div>
${when(
  problem.kind === 'refused' && problem,
  ({ error, description }) => html`<p class="demo-meta">${t('developer')}: <code>${error}</code> ${description ?? ''}</p>`,
)}`,
  })
}
