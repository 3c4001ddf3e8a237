import test from 'ava'
import { securityHeaders } from '../../src/http/security-headers.ts'
import type { Context } from '../../src/http/context.ts'
import { createTranslator } from '../../src/i18n/index.ts'
import { createEnginePages } from '../../src/login/engine-pages.ts'

const issuer = 'https://login.example.com'
const pages = createEnginePages({ config: { issuer }, log: { info: () => {} } })

/** As much of a request as these pages look at. */
async function answered(draw: (ctx: Context) => unknown) {
  const headers = new Map<string, string>()
  const page = { t: createTranslator('en'), locale: 'en', locales: ['en'], theme: { name: 'Example' }, themeCssUrl: '/t.css', asset: (name: string) => `/${name}`, csrf: '', path: '/', base: '' }
  const ctx = {
    set(name: string | Record<string, string>, value = '') {
      for (const [key, text] of typeof name === 'string' ? [[name, value] as const] : Object.entries(name)) headers.set(key, text)
    },
    state: { page: (extra: object) => ({ ...page, ...extra }) },
  } as unknown as Context
  await securityHeaders({ issuer })(ctx as never, async () => {})
  return { html: String(await draw(ctx)), policy: headers.get('Content-Security-Policy') ?? '' }
}

test('only the page that posts a response to an app may post to another origin', async (t) => {
  const toApp = await answered((ctx) => pages.handOver(ctx, { form: { action: 'https://shop.example.com/callback', fields: { code: 'c' } } }))
  t.notRegex(toApp.policy, /form-action/)
  t.regex(toApp.html, /method="post" action="https:.*shop\.example\.com.*callback"/)

  const toUs = await answered((ctx) => pages.handOver(ctx, { form: { action: `${issuer}/session/end/confirm`, fields: { xsrf: 'x' } } }))
  t.regex(toUs.policy, /form-action 'self'/)

  const byLink = await answered((ctx) => pages.handOver(ctx, { url: 'https://shop.example.com/callback?code=c' }))
  t.regex(byLink.policy, /form-action 'self'/)
})
