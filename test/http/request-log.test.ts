import test from 'ava'
import { Router } from '@koa/router'
import type { State } from '../../src/http/context.ts'
import { scrub, serializeError } from '../../src/http/log.ts'
import { requestLog, type FinishedRequest } from '../../src/http/request-log.ts'
import { mount, serve } from './server.ts'

test('the line has the pattern of the route and nothing that was sent', async (t) => {
  const seen: FinishedRequest[] = []
  const server = await serve(t, ({ log }) => {
    const router = new Router<State>()
    router.get('/interaction/:uid/email-otp', (ctx) => {
      ctx.body = 'ok'
    })
    return [requestLog({ log, observe: (request) => seen.push(request) }), mount(router)]
  })
  await server.send('/interaction/SECRET-UID/email-otp?code=419037&login_hint=maya@example.com', {
    headers: { cookie: 'session=SECRET-COOKIE', authorization: 'Bearer SECRET-TOKEN', 'user-agent': 'SECRET-AGENT' },
  })
  t.is(server.lines.length, 2)
  t.like(server.lines[0], { level: 'info', method: 'GET', route: '/interaction/:uid/email-otp', status: 200, msg: 'request' })
  t.is(typeof server.lines[0]?.['ms'], 'number')
  t.notRegex(server.logged(), /SECRET|419037|maya/)
  t.like(seen[0], { method: 'GET', route: '/interaction/:uid/email-otp', status: 200 })
})

test('a path without a route does not get into the log either', async (t) => {
  const server = await serve(t, () => [])
  await server.send('/link/SECRET-TICKET')
  t.is(server.lines.at(-1)?.['route'], 'none')
  t.false(server.logged().includes('SECRET'))
})

test('secret fields that reach a log call by accident are blanked', async (t) => {
  const server = await serve(t, () => [])
  server.log.info({ code: '419037', nested: { access_token: 'SECRET', email: 'maya@example.com' } }, 'x')
  t.notRegex(server.logged(), /419037|SECRET|maya/)
})

test('errors are logged without their other properties, and with their causes', (t) => {
  const cause = Object.assign(new Error('at https://x.example/cb?code=SECRET&state=1'), { config: { auth: 'SECRET' } })
  const logged = serializeError(new Error('outer', { cause }))
  t.is(logged.cause?.message, 'at https://x.example/cb?[query]')
  t.false(JSON.stringify(logged).includes('SECRET'))
})

test('addresses are taken out of any text', (t) => {
  t.is(scrub('550 <maya.o+x@mail.example.com>: unknown'), '550 <[email]>: unknown')
})

test('what the search for addresses reads is bounded: it takes the square of it', (t) => {
  t.true(scrub('x'.repeat(50_000)).length <= 2_000)
  t.true((serializeError(new Error('x'.repeat(50_000))).stack ?? '').length <= 2_000)
})
