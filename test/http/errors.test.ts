import test from 'ava'
import { AppError } from '../../src/errors.ts'
import { errors } from '../../src/http/errors.ts'
import { newReference } from '../../src/http/reference.ts'
import { asHtml, serve } from './server.ts'

const reference = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/

test('an error of ours is a page for browsers, with a reference that finds the log line', async (t) => {
  const server = await serve(t, () => [
    () => {
      throw new AppError('interaction_expired', 'gone since an hour')
    },
  ])
  const answer = await server.send('/x', { headers: asHtml })

  t.is(answer.status, 400)
  t.is(answer.headers['content-type'], 'text/html; charset=utf-8')
  t.is(answer.headers['cache-control'], 'no-store')
  t.true(answer.text.includes('<h1>interaction_expired</h1>'))
  t.regex(answer.text, /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
  const shown = reference.exec(answer.text)?.[0]
  t.truthy(shown)
  const line = server.lines.find(({ error }) => error === 'interaction_expired')
  t.is(line?.['reference'], shown)
  t.is(line?.['level'], 'info')
  t.false(answer.text.includes('an hour'), 'the private reason stays private')
})

test('programs get one JSON shape', async (t) => {
  const server = await serve(t, () => [
    () => {
      throw new AppError('throttled', 'x', { retryAfter: 61.2 })
    },
  ])
  const answer = await server.send('/x', { headers: { accept: 'application/json' } })
  t.is(answer.status, 429)
  t.is(answer.headers['retry-after'], '62')
  t.deepEqual(Object.keys(answer.json), ['error', 'error_description', 'reference'])
  t.is(answer.json['error'], 'throttled')
  t.is(server.lines[0]?.['reference'], answer.json['reference'])
})

test('whatever else is thrown says nothing of itself outside the log', async (t) => {
  const server = await serve(t, () => [
    () => {
      throw new Error('E11000 duplicate key { _id: "email:maya@example.com" } at /auth?login_hint=maya')
    },
  ])
  const answer = await server.send('/x', { headers: asHtml })
  t.is(answer.status, 500)
  t.true(answer.text.includes('<h1>internal</h1>'))
  t.false(answer.text.includes('E11000'))
  const line = server.lines.find(({ level }) => level === 'error')
  t.is(line?.['error'], 'internal')
  t.true(JSON.stringify(line).includes('E11000'))
  t.false(server.logged().includes('maya'), 'no identifier in the log')
})

test('a refusal names its private reason in the log, without what was typed', async (t) => {
  const server = await serve(t, () => [
    () => {
      throw new AppError('bad_request', 'no mailbox maya@example.com', { cause: new Error('from maya@example.com') })
    },
  ])
  await server.send('/x')
  t.is(server.lines[0]?.['reason'], 'no mailbox [email]')
  t.false(server.logged().includes('maya'))
})

test('nobody answered: not found', async (t) => {
  const server = await serve(t, () => [])
  t.is((await server.send('/nothing', { headers: asHtml })).status, 404)
  t.is((await server.send('/nothing')).json['error'], 'not_found')
})

test('koa errors keep their status', async (t) => {
  const server = await serve(t, () => [(ctx) => ctx.throw(405, 'no')])
  t.is((await server.send('/x')).json['error'], 'method_not_allowed')
})

test('an answer of the handler that came before the error does not leak into the page', async (t) => {
  const server = await serve(t, () => [
    (ctx) => {
      ctx.set('Refresh', '0;url=https://app.example')
      ctx.set('Cache-Control', 'public, max-age=60')
      ctx.set('Content-Encoding', 'br')
      ctx.body = 'half'
      throw new AppError('internal')
    },
  ])
  const { headers } = await server.send('/x', { headers: asHtml })
  t.is(headers['refresh'], undefined)
  t.is(headers['content-encoding'], undefined)
  t.is(headers['cache-control'], 'no-store')
})

test('when the page itself fails, the last words still name the reference', async (t) => {
  const server = await serve(t, ({ log }) => [
    errors({
      log,
      render() {
        throw new Error('view broken')
      },
    }),
    () => {
      throw new AppError('internal')
    },
  ])
  const answer = await server.send('/x', { headers: asHtml })
  t.is(answer.status, 500)
  t.regex(answer.text, reference)
  t.true(server.logged().includes('view broken'))
})

test('references do not repeat and have no letter that is misread', (t) => {
  const made = new Set(Array.from({ length: 5000 }, newReference))
  t.is(made.size, 5000)
  for (const one of made) t.regex(one, new RegExp(`^${reference.source}$`))
})
