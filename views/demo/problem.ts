import html from 'escape-html-template-tag'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { type Html, type PageContext, when } from '../page.ts'
import { demoFrame, type DemoTranslate, demoTranslator } from './frame.ts'

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

const wordsSignedIn = {
  denied: ['deniedSignedInTitle', 'deniedSignedInText'],
  unmet: ['unmetTitle', 'unmetSignedInText'],
  check: ['checkTitle', 'checkSignedInText'],
  refused: ['refusedTitle', 'refusedSignedInText'],
} as const

/** `signedIn`: only more was asked for; the app has them signed in as before. */
export function demoProblemPage(page: PageContext, problem: DemoProblem, { signedIn }: { signedIn: boolean }): Html {
  const t = demoTranslator(page)
  const [title, text] = signedIn ? wordsSignedIn[problem.kind] : words[problem.kind]
  // Who was asked for a passkey and used none may have none yet.
  const lacksPasskey = signedIn && (problem.kind === 'unmet' || problem.kind === 'denied')
  return demoFrame(page, {
    name: t('name'),
    title: t(title),
    body: html`
${heading(page, t(title), { icon: 'info' })}
<p>${t(text)}</p>
${when(lacksPasskey, () => html`<p>${t('createPasskeyHint')}</p>`)}
<div class="demo-actions">${actions(t, signedIn, lacksPasskey)}</div>
${when(
  problem.kind === 'refused' && problem,
  ({ error, description }) => html`<p class="demo-meta">${t('developer')}: <code>${error}</code> ${description ?? ''}</p>`,
)}`,
  })
}

function actions(t: DemoTranslate, signedIn: boolean, lacksPasskey: boolean): Html[] {
  if (lacksPasskey) return [linkButton(t('createPasskey'), '/demo/ask-for-passkey', 'primary'), linkButton(t('backSignedIn'), '/demo')]
  if (signedIn) return [linkButton(t('backSignedIn'), '/demo', 'primary')]
  return [linkButton(t('signIn'), '/demo/sign-in', 'primary'), linkButton(t('back'), '/demo')]
}
