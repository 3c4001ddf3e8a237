import test from 'ava'
import { allowForeignFormAction, securityHeaders } from '../../src/http/security-headers.ts'
import { asHtml, serve } from './server.ts'

test('every answer has the headers, errors too', async (t) => {
  const server = await serve(t, ({ issuer }) => [
    securityHeaders({ issuer }),
    (ctx, next) => {
      if (ctx.path !== '/page') return next()
      ctx.body = 'x'
    },
  ])
  for (const path of ['/page', '/nothing']) {
    const { headers } = await server.send(path, { headers: asHtml })
    const policy = String(headers['content-security-policy'])
    t.false(policy.includes('unsafe'))
    for (const part of ["default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      t.true(policy.split('; ').includes(part), part)
    }
    t.is(headers['referrer-policy'], 'same-origin')
    t.is(headers['x-content-type-options'], 'nosniff')
    t.is(headers['cache-control'], 'no-store')
    t.true(String(headers['permissions-policy']).includes('publickey-credentials-get=(self)'))
    t.is(headers['strict-transport-security'], undefined, 'not over http')
  }
})

test('https issuers ask for https from then on', async (t) => {
  const server = await serve(t, () => [securityHeaders({ issuer: 'https://login.example.com' })])
  t.regex(String((await server.send('/')).headers['strict-transport-security']), /^max-age=\d{8}$/)
})

test('only the form_post page may post elsewhere', async (t) => {
  const server = await serve(t, ({ issuer }) => [
    securityHeaders({ issuer }),
    (ctx) => {
      allowForeignFormAction(ctx)
      ctx.body = 'x'
    },
  ])
  const policy = String((await server.send('/')).headers['content-security-policy'])
  t.false(policy.includes('form-action'))
  t.true(policy.includes("script-src 'self'"))
})
