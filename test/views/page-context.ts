import { createTranslator, type Locale } from '../../src/i18n/index.ts'
import type { PageContext } from '../../views/page.ts'

/** A page of Example, on the way to Example Shop. */
export function pageContext(locale: Locale = 'en', more: Partial<PageContext> = {}): PageContext {
  return {
    t: createTranslator(locale),
    locale,
    locales: ['en', 'de'],
    theme: { name: 'Example', helpUrl: 'https://example.com/help', privacyUrl: 'https://example.com/privacy', termsUrl: 'https://example.com/terms' },
    themeCssUrl: '/assets/theme.css',
    asset: (name) => `/assets/${name}`,
    csrf: 'csrf-token',
    path: '/interaction/abc/screen',
    app: {
      name: 'Example Shop',
      homeUrl: 'https://shop.example.com/',
      policyUrl: 'https://shop.example.com/privacy',
      termsUrl: 'https://shop.example.com/terms',
    },
    base: '/interaction/abc',
    host: 'login.example.com',
    ...more,
  }
}
