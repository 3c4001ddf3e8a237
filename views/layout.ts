import html, { safe } from 'escape-html-template-tag'
import { localeNames } from '../src/i18n/index.ts'
import { form, hidden, mainFormId } from './parts/form.ts'
import type { Html, PageContext } from './page.ts'
import { when } from './page.ts'

export interface LayoutProps {
  /** the words of the h1; the body holds the h1 itself (parts/heading.ts) */
  title: string
  /** something is wrong on this page: the title says so first */
  error?: boolean
  body: unknown
  /** 720 px instead of the login card's 440 */
  wide?: boolean
  /** false on a page that cannot be opened a second time */
  languages?: boolean
  /** the body has the form with mainFormId: a change of language posts it along */
  mainForm?: boolean
  /** ways to other pages: beside the content where there is room, else behind a button; the page is as wide as both */
  navigation?: { beside: Html; menu: Html }
}

/** The frame of every page: head, header, main, footer, always in the same place and order. */
export function layout(page: PageContext, { title, error = false, body, wide = false, languages = true, mainForm = false, navigation }: LayoutProps): Html {
  const { t, theme } = page
  return html`<html lang="${page.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${t(error ? 'page.error_title' : 'page.title', { title, brand: theme.name })}</title>
<link rel="stylesheet" href="${page.asset('latchkey.css')}">
<link rel="stylesheet" href="${page.themeCssUrl}">
<link rel="icon" href="${page.asset('icon.svg')}" type="image/svg+xml">
<script type="module" src="${page.asset('latchkey.js')}"></script>
</head>
<body>
${navigation ? html`<a class="skip" href="#main">${t('page.skip')}</a>` : ''}<div class="${navigation ? 'frame account' : wide ? 'frame wide' : 'frame'}">
<header>${brand(page)}${navigation?.menu ?? ''}</header>
${navigation?.beside ?? ''}<main${navigation ? safe(' id="main" tabindex="-1"') : ''}>${body}</main>
${footer(page, languages && page.locales.length > 1 ? languageSwitch(page, mainForm) : '')}
</div>
</body>
</html>
`
}

function brand({ theme }: PageContext): Html {
  if (theme.logoUrl) return html`<img class="logo" src="${theme.logoUrl}" alt="${theme.name}">`
  const initial = [...theme.name][0]?.toUpperCase() ?? ''
  return html`<span class="brand"><span class="monogram" aria-hidden="true">${initial}</span>${theme.name}</span>`
}

function footer({ t, theme }: PageContext, languages: Html | ''): Html {
  return html`<footer>${[
    when(theme.helpUrl, (url) => html`<a href="${url}">${t('page.help')}</a>`),
    when(theme.privacyUrl, (url) => html`<a href="${url}">${t('page.privacy')}</a>`),
    when(theme.termsUrl, (url) => html`<a href="${url}">${t('page.terms')}</a>`),
    languages,
  ]}</footer>`
}

/** Buttons, so that neither what was typed nor the step is lost or shows up in the address bar. */
function languageSwitch(page: PageContext, mainForm: boolean): Html {
  const action = `${page.base}/language`
  const buttons = page.locales.map((locale) =>
    locale === page.locale
      ? html`<span aria-current="true">${localeNames[locale]}</span>`
      : html`<button class="link" name="locale" value="${locale}" lang="${locale}" form="${mainForm ? mainFormId : 'language'}" formaction="${action}" formnovalidate>${localeNames[locale]}</button>`,
  )
  const path = mainForm
    ? html`<input type="hidden" name="path" value="${page.path}" form="${mainFormId}">`
    : form(page, { action, attributes: { id: 'language', hidden: true }, body: hidden('path', page.path) })
  return html`<div class="languages" role="group" aria-label="${page.t('page.language')}">${buttons}${path}</div>`
}
