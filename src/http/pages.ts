import type { Config } from '../config/schema.ts'
import { createTranslator } from '../i18n/index.ts'
import type { PageContext } from '../../views/page.ts'
import type { Middleware } from './context.ts'

export interface PageDeps {
  config: Config
  /** hashed address of an asset */
  asset(name: string): string
}

/** The asset that holds an accent's colours. */
export const themeAsset = (accent: string): string => `theme-${accent.slice(1).toLowerCase()}.css`

/** For a page that was loaded under another accent or with another kind of logo. */
export function themeStandIn({ theme: { accent, logo } }: Pick<Config, 'theme'>): (name: string) => string | undefined {
  return (name) => {
    if (/^theme-[0-9a-f]{6}\.css$/.test(name)) return themeAsset(accent)
    return /^logo\.(png|svg)$/.test(name) && logo !== undefined ? logoAsset(logo) : undefined
  }
}

/** Gives every request `ctx.state.page()`: what a page knows whoever draws it, in the reader's language. */
export function pages({ config, asset }: PageDeps): Middleware {
  const { name, logo, help, privacy, terms } = config.theme
  const theme: PageContext['theme'] = {
    name,
    ...(logo !== undefined && { logoUrl: asset(logoAsset(logo)) }),
    ...(help !== undefined && { helpUrl: help }),
    ...(privacy !== undefined && { privacyUrl: privacy }),
    ...(terms !== undefined && { termsUrl: terms }),
  }
  const host = new URL(config.issuer).host
  const mailbox = { ...(config.builtInMailbox && { mailboxUrl: '/dev/outbox' }), ...(config.builtInPhone && { phoneUrl: '/dev/outbox' }) }

  return async function pages(ctx, next) {
    ctx.state.page = ({ accent = config.theme.accent, ...extra } = {}) => ({
      t: createTranslator(ctx.state.locale),
      locale: ctx.state.locale,
      locales: config.locales,
      theme,
      themeCssUrl: asset(themeAsset(accent)),
      asset,
      csrf: '',
      path: ctx.path,
      base: '',
      host,
      ...mailbox,
      ...extra,
    })
    await next()
  }
}

/** The operator's logo, under a name of ours. */
export const logoAsset = (file: string): string => (file.toLowerCase().endsWith('.png') ? 'logo.png' : 'logo.svg')
