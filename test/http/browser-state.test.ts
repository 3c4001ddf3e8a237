import test from 'ava'
import { device } from '../../src/http/device.ts'
import { chooseLocale, locale, rememberLocale } from '../../src/http/locale.ts'
import { hashId } from '../../src/secrets/keyring.ts'
import { echo, serve } from './server.ts'

test('a browser gets its mark once and is known by its hash', async (t) => {
  const { send } = await serve(t, ({ issuer }) => [device({ config: { issuer } }), echo])
  const first = await send('/')
  const cookie = String(first.headers['set-cookie'])
  t.regex(cookie, /^latchkey_device=[\w-]{43}; path=\/; expires=.*; samesite=lax; httponly$/)
  const value = cookie.slice('latchkey_device='.length, cookie.indexOf(';'))
  t.deepEqual(first.json['device'], { hash: hashId(value) })

  const second = await send('/', { headers: { cookie: `latchkey_device=${value}` } })
  t.deepEqual(second.json['device'], { hash: hashId(value) })
  const days = (Date.parse(/expires=([^;]+)/.exec(String(second.headers['set-cookie']))![1]!) - Date.now()) / 86_400_000
  t.true(days > 399 && days <= 400, 'its life is full again')
})

test('a mark that we did not make is replaced', async (t) => {
  const { send } = await serve(t, ({ issuer }) => [device({ config: { issuer } }), echo])
  for (const value of ['x', 'a'.repeat(5000), `${'a'.repeat(42)}!`]) {
    const { json, headers } = await send('/', { headers: { cookie: `latchkey_device=${value}` } })
    t.regex(String(headers['set-cookie']), /^latchkey_device=[\w-]{43};/)
    t.notDeepEqual(json['device'], { hash: hashId(value) })
  }
})

test('on https the cookie is bound to the host', async (t) => {
  const { send } = await serve(t, () => [device({ config: { issuer: 'https://login.example.com' } }), echo])
  const { headers } = await send('/', { headers: { 'x-forwarded-proto': 'https' } })
  t.regex(String(headers['set-cookie']), /^__Host-latchkey_device=.*path=\/;.*secure/)
})

test('the person\'s choice, then the app\'s wish, then the browser\'s languages', (t) => {
  const both = ['en', 'de'] as const
  t.is(chooseLocale(both, {}), 'en')
  t.is(chooseLocale(['de', 'en'], {}), 'de')
  t.is(chooseLocale(both, { acceptLanguage: 'de-AT,de;q=0.9,en;q=0.5' }), 'de')
  t.is(chooseLocale(both, { acceptLanguage: 'fr, en;q=0.2, de;q=0.8' }), 'de')
  t.is(chooseLocale(both, { acceptLanguage: 'de;q=0, *' }), 'en')
  t.is(chooseLocale(both, { uiLocales: ['fr', 'de-CH'], acceptLanguage: 'en' }), 'de')
  t.is(chooseLocale(both, { chosen: 'en', uiLocales: ['de'] }), 'en')
  t.is(chooseLocale(both, { chosen: 'xx', acceptLanguage: ';;q=,,=;q=x' }), 'en')
})

test('a choice is remembered, one that is not offered is not', async (t) => {
  const config = { issuer: 'http://localhost', locales: ['en', 'de'] as ('en' | 'de')[] }
  const { send } = await serve(t, () => [
    locale({ config }),
    (ctx, next) => {
      if (ctx.query['wish'] !== undefined) rememberLocale(ctx, config, String(ctx.query['wish']))
      return next()
    },
    echo,
  ])
  const chosen = await send('/?wish=de')
  t.is(chosen.json['locale'], 'de')
  t.regex(String(chosen.headers['set-cookie']), /^latchkey_locale=de;.*httponly/)
  t.is((await send('/?wish=../../x')).headers['set-cookie'], undefined)
  t.is((await send('/', { headers: { cookie: 'latchkey_locale=de' } })).json['locale'], 'de')
  t.is((await send('/?ui_locales=de%20en')).json['locale'], 'de')
})
