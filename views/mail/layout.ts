import html from 'escape-html-template-tag'
import type { Locale } from '../../src/i18n/index.ts'
import type { TranslateMail } from './translate.ts'

/** Who the mails come from. */
export interface MailBrand {
  name: string
  /** the login's host, as the address bar shows it */
  host: string
  helpUrl?: string
}

/** What every mail knows about its reader. */
export interface MailContext {
  t: TranslateMail
  locale: Locale
  brand: MailBrand
}

export interface Mail {
  subject: string
  text: string
  html: string
}

/** One thing said: a paragraph, the code on a line of its own, or the one way to do something about it. */
export type Block = string | { code: string } | { button: string; url: string }

/** Plain text and HTML from the same blocks, so that they say the same. No images or tracking, and no link but the button's. */
export function letter({ t, locale, brand }: MailContext, subject: string, blocks: Block[]): Mail {
  const footer = t('footer', { brand: brand.name, host: brand.host })
  const plain = blocks.map(asText)
  const page = html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px 16px; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 480px; margin: 0 auto; }
p { margin: 0 0 16px; overflow-wrap: anywhere; }
.code { font: 600 32px/1.2 ui-monospace, Menlo, Consolas, monospace; letter-spacing: .2em; }
.button { display: inline-block; padding: 12px 16px; border: 1.5px solid; border-radius: 8px; color: inherit; font-weight: 600; text-decoration: none; }
.footer { margin: 24px 0 0; padding-top: 16px; border-top: 1px solid; font-size: 14px; }
</style>
</head>
<body>
<main>
${blocks.map((block) => html`${asMarkup(block)}\n`)}
<p class="footer">${footer}</p>
</main>
</body>
</html>
`
  return { subject, text: `${[...plain, `-- \n${footer}`].join('\n\n')}\n`, html: String(page) }
}

function asText(block: Block): string {
  if (typeof block === 'string') return block
  // On a line of its own, or programs that make links of addresses take what follows along.
  return 'code' in block ? block.code : `${block.button}:\n${block.url}`
}

function asMarkup(block: Block) {
  if (typeof block === 'string') return html`<p>${block}</p>`
  return 'code' in block ? html`<p class="code">${block.code}</p>` : html`<p><a class="button" href="${block.url}">${block.button}</a></p>`
}
