import test from 'ava'
import type { ErrorCode } from '../../src/errors.ts'
import { nextStep } from '../../src/login/error.ts'
import type { AppInfo } from '../../src/oidc/types.ts'

const app: AppInfo = { id: 'shop', name: 'Example Shop', homeUrl: 'https://shop.example.com/', startUrl: 'https://shop.example.com/sign-in' }
const inSignIn = { base: '/interaction/abc', path: '/interaction/abc/email-otp', theme: { name: 'Example' } }
const outside = { ...inSignIn, base: '', path: '/nowhere' }

const table: [code: ErrorCode, where: typeof inSignIn, kind: string, url: string | undefined][] = [
  ...(['already_exists', 'bad_request', 'body_too_large', 'unsupported_media_type', 'csrf', 'internal', 'method_not_allowed'] as const).map(
    (code) => [code, inSignIn, 'try_again', '/interaction/abc?due'] as [ErrorCode, typeof inSignIn, string, string],
  ),
  ['throttled', inSignIn, 'passkey', '/interaction/abc'],
  ['throttled', { ...inSignIn, path: '/interaction/abc/sign-up' }, 'try_again', '/interaction/abc?due'],
  ['stopped_by_rule', inSignIn, 'other_way', '/interaction/abc'],
  ['stopped_by_rule', outside, 'start_again', app.startUrl],
  ['step_done', inSignIn, 'continue', '/interaction/abc?due'],
  ['store_unavailable', outside, 'try_again', '/nowhere'],
  ['account_off', outside, 'start_again', app.startUrl],
  ['account_off', { ...outside, theme: { name: 'Example', helpUrl: 'https://example.com/help' } } as typeof inSignIn, 'help', 'https://example.com/help'],
  ['interaction_expired', outside, 'start_again', app.startUrl],
  ['interaction_finished', outside, 'open_app', app.homeUrl],
  ['interaction_elsewhere', outside, 'start_again', app.startUrl],
  ['cookie_missing', outside, 'start_again', app.startUrl],
  ['client_setup', outside, 'open_app', app.homeUrl],
]

for (const [code, page, kind, url] of table) {
  test(`${code}${page.base ? ` at ${page.path}` : ''}: ${kind} ${url}`, (t) => {
    t.deepEqual(nextStep(page, { code, params: {}, app }), { kind, url } as never)
  })
}

test('a step that names the one that is due leads there', (t) => {
  t.deepEqual(nextStep(inSignIn, { code: 'step_done', params: { continueUrl: '/interaction/abc/methods' } }), { kind: 'continue', url: '/interaction/abc/methods' })
})

test('a wrong address leads to the issuer, without an app too', (t) => {
  t.deepEqual(nextStep(outside, { code: 'wrong_address', params: { host: 'login.example.com', url: 'https://login.example.com' } }), { kind: 'open_host', url: 'https://login.example.com' })
})

test('a finished sign-in of an app without a home leads to its sign-in', (t) => {
  const { homeUrl: _, ...homeless } = app
  t.deepEqual(nextStep(outside, { code: 'interaction_finished', params: {}, app: homeless }), { kind: 'start_again', url: homeless.startUrl })
})

test('without an app there is nowhere to start again', (t) => {
  t.deepEqual(nextStep(outside, { code: 'not_found', params: {} }), { kind: 'open_account', url: '/account' }, 'the one page of ours that everybody may open')
  for (const code of ['interaction_expired', 'client_setup'] as const) t.is(nextStep(outside, { code, params: {} }), undefined)
})
