import type { Config, Locale } from '../config/schema.ts'
import type { Context, Middleware } from './context.ts'

const cookieName = 'latchkey_locale'
const year = 365 * 24 * 60 * 60 * 1000

/** Primary language subtags in the order of preference; `q=0` refuses (RFC 9110 section 12.5.4). */
function acceptedLanguages(header: string): string[] {
  return header
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const q = parameters.find((parameter) => parameter.trim().startsWith('q='))
      return { tag: tag.trim(), q: q === undefined ? 1 : Number(q.trim().slice(2)) }
    })
    .filter(({ tag, q }) => tag !== '' && q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ tag }) => tag)
}

/**
 * The person's own choice (the switch in the footer) first, then what the app asks for (`ui_locales`), then the
 * browser's languages, then the first configured one.
 */
export function chooseLocale(
  available: readonly Locale[],
  wishes: { chosen?: string | undefined; uiLocales?: readonly string[] | undefined; acceptLanguage?: string | undefined },
): Locale {
  const order = [wishes.chosen ?? '', ...(wishes.uiLocales ?? []), ...acceptedLanguages(wishes.acceptLanguage ?? '')]
  for (const tag of order) {
    const language = tag.toLowerCase().split('-')[0]
    const found = available.find((locale) => locale === language)
    if (found !== undefined) return found
  }
  return available[0]!
}

/** Where `ui_locales` is not in this request: the login pages know it from the interaction. */
export function localeFor(ctx: Context, config: Pick<Config, 'locales'>, uiLocales?: readonly string[]): Locale {
  return chooseLocale(config.locales, {
    chosen: ctx.cookies.get(cookieName, { signed: false }),
    uiLocales,
    acceptLanguage: ctx.get('Accept-Language'),
  })
}

/** Remembers the person's choice. False when that language is not offered. */
export function rememberLocale(ctx: Context, config: Pick<Config, 'issuer' | 'locales'>, wanted: string): boolean {
  const locale = config.locales.find((known) => known === wanted)
  if (locale === undefined) return false
  ctx.state.locale = locale
  const secure = config.issuer.startsWith('https:')
  ctx.cookies.set(cookieName, locale, { signed: false, httpOnly: true, sameSite: 'lax', secure, maxAge: year, overwrite: true })
  return true
}

export function locale({ config }: { config: Pick<Config, 'locales'> }): Middleware {
  return async function locale(ctx, next) {
    let chosen: Locale | undefined
    // Worked out when first asked for: most answers of the engine have no words.
    Object.defineProperty(ctx.state, 'locale', {
      configurable: true,
      get: () => (chosen ??= localeFor(ctx, config, wantedBy(ctx))),
      set: (locale: Locale) => (chosen = locale),
    })
    await next()
  }

  function wantedBy(ctx: Context): string[] | undefined {
    const wanted = ctx.query['ui_locales']
    return typeof wanted === 'string' ? wanted.split(' ').slice(0, 10) : undefined
  }
}
