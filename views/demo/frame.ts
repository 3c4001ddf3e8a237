import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { type DemoTexts, demoText } from './texts.ts'

export type DemoTranslate = (key: keyof DemoTexts) => string

/** Texts with the provider's name in them. */
export function demoTranslator(page: PageContext): DemoTranslate {
  return (key) => demoText({ locale: page.locale, brand: page.theme.name }, key)
}

/** The provider's frame under the demo's own name: the app's pages must not pass for the provider's. */
export function demoFrame(page: PageContext, props: { name: string; title: string; body: Html; wide?: boolean }): Html {
  const { theme, ...rest } = page
  const { helpUrl: _help, privacyUrl: _privacy, termsUrl: _terms, logoUrl: _logo, ...plain } = theme
  return layout(
    { ...rest, theme: { ...plain, name: props.name } },
    {
      title: props.title,
      wide: props.wide ?? false,
      body: html`<link rel="stylesheet" href="${page.asset('demo.css')}">${props.body}`,
    },
  )
}
