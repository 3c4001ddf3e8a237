/** Bodies that no page of ours sends: too large, of another type, not to be read. */
import { Readable } from 'node:stream'
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { createHttpClient, type Answer } from '../helpers/http-client.ts'
import { parseHtml } from '../helpers/html.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { baseOf, csrfOf, nothingMade, refused, signUpWithPasskey, stillAsks } from './refused.ts'
import type { ErrorCode } from '../../src/errors.ts'

let server: Server
let app: App
let owner: Visitor
setUp(() => startServer({ clients: [shop] }), async (started) => {
  ({ server, app } = started)
  owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
})

const form = 'application/x-www-form-urlencoded'
const limit = 64 * 1024

interface Case {
  /** where to, below the interaction; default: Continue on the first screen */
  to?: string
  type: string | undefined
  body(csrf: string): string
  headers?: Record<string, string>
  status: number
  error: ErrorCode
  sentence: string
}

const unreadable = { status: 400, error: 'bad_request', sentence: 'We could not read what was sent' } as const
const tooLarge = { status: 413, error: 'body_too_large', sentence: 'That was too much at once' } as const
const wrongType = { status: 415, error: 'unsupported_media_type', sentence: 'We could not read what was sent' } as const
const typed = (csrf: string) => new URLSearchParams({ csrf, identifier: 'maya@example.com' }).toString()

const cases: Record<string, Case> = {
  'JSON that is none': { type: 'application/json', body: () => '{"identifier":', ...unreadable },
  'a field that came twice': { type: form, body: csrf => `${typed(csrf)}&identifier=eve%40example.com`, ...unreadable },
  'a token that came twice': { type: form, body: csrf => `csrf=x&${typed(csrf)}`, ...unreadable },
  'a form above the limit': { type: form, body: csrf => `${typed(csrf)}&more=${'x'.repeat(limit)}`, ...tooLarge },
  'JSON above the limit': { type: 'application/json', body: csrf => JSON.stringify({ csrf, identifier: 'x'.repeat(limit) }), ...tooLarge },
  'a passkey answer above the limit': { to: '/passkey', type: form, body: csrf => `csrf=${csrf}&response=${'x'.repeat(limit)}`, ...tooLarge },
  'a megabyte': { type: form, body: csrf => `${typed(csrf)}&more=${'x'.repeat(1 << 20)}`, ...tooLarge },
  'plain text': { type: 'text/plain', body: typed, ...wrongType },
  'a multipart form': { type: 'multipart/form-data; boundary=x', body: csrf => `--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${csrf}\r\n--x--\r\n`, ...wrongType },
  'XML': { type: 'application/xml', body: () => '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>', ...wrongType },
  'another charset': { type: `${form}; charset=utf-16`, body: typed, ...wrongType },
  'no type at all': { type: undefined, body: typed, ...wrongType },
  'compressed': { type: form, body: typed, headers: { 'content-encoding': 'gzip' }, ...wrongType },
}

for (const [name, { to = '/identifier', type, body, headers, status, error, sentence }] of Object.entries(cases)) {
  test.serial(name, async t => {
    const visitor = createVisitor(server)
    const start = await visitor.arrive(await app.authorize())
    const page = await nothingMade(t, server, () => send(visitor, start, to, body(csrfOf(start)), { 'content-type': type, ...headers }))
    await refused(t, { server, visitor, page, status, error, sentence, nextStep: 'Try again' })
    await stillAsks(t, visitor, app)
    // The sign-in itself is where it was.
    t.is((await visitor.browser.open(start.url)).heading, 'Sign in')
  })
}

/** A POST whose body and type are the test's own. */
async function send(visitor: Visitor, page: Page, to: string, body: string, headers: Record<string, string | undefined>): Promise<Page> {
  const action = `${baseOf(page)}${to}`
  const wanted: Record<string, string> = { accept: 'text/html', cookie: visitor.browser.cookies.header(new URL(action, page.url)) }
  for (const [key, value] of Object.entries(headers)) if (value !== undefined) wanted[key] = value
  return asPage(new URL(action, page.url), await raw(new URL(action, page.url), body, wanted))
}

async function raw(url: URL, body: string, headers: Record<string, string>): Promise<Answer> {
  const client = createHttpClient()
  try {
    return await client.send(url, { method: 'POST', body, headers: { origin: server.issuer, 'sec-fetch-site': 'same-origin', ...headers } })
  } finally {
    client.close()
  }
}

const asPage = (url: URL, { status, headers, body }: Answer): Page => ({ ...parseHtml(body), url, status, headers, html: body, elsewhere: false, form: none, passkeyForm: none })
const none = () => {
  throw new Error('an error page has no form of a step')
}

test.serial('bytes that are no UTF-8', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const url = new URL(`${baseOf(start)}/identifier`, server.issuer)
  const page = await nothingMade(t, server, async () => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { accept: 'text/html', 'content-type': form, cookie: visitor.browser.cookies.header(url) },
      body: Buffer.concat([Buffer.from(`csrf=${csrfOf(start)}&identifier=`), Buffer.from([0xff, 0xfe])]),
    })
    return asPage(url, { status: answer.status, headers: {}, body: await answer.text() })
  })
  await refused(t, { server, visitor, page, ...unreadable, nextStep: 'Try again' })
})

test.serial('a body without a length, above the limit', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const url = new URL(`${baseOf(start)}/identifier`, server.issuer)
  const chunk = Buffer.alloc(16 * 1024, 'x')
  const page = await nothingMade(t, server, async () => {
    const answer = await fetch(url, {
      method: 'POST',
      duplex: 'half',
      headers: { accept: 'text/html', 'content-type': form, cookie: visitor.browser.cookies.header(url) },
      body: Readable.toWeb(Readable.from(Array.from({ length: 5 }, () => chunk))),
    } as unknown as RequestInit)
    return asPage(url, { status: answer.status, headers: {}, body: await answer.text() })
  })
  await refused(t, { server, visitor, page, ...tooLarge, nextStep: 'Try again' })
})

test.serial('a form with its token and nothing else, on each screen that is open', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const empty = (page: Page, to: string) => nothingMade(t, server, () => visitor.browser.submit(page, { action: `${baseOf(page)}${to}`, method: 'post', values: { csrf: csrfOf(page) }, buttons: [], hidden: false, data: {} }))
  await refused(t, { server, visitor, page: await empty(start, '/identifier'), status: 400, sentence: 'Enter your email address.', nextStep: 'Continue' })
  await refused(t, { server, visitor, page: await empty(start, '/sign-up'), status: 400, sentence: 'Enter', nextStep: 'Continue' })
  const code = await visitor.typeEmail(await visitor.browser.open(start.url))
  await refused(t, { server, visitor, page: await empty(code, '/email-otp'), status: 400, sentence: 'Enter the code from the email.', nextStep: 'Send a new code' })
  t.is((await empty(code, '/passkey')).status, 200)
  t.is((await empty(code, '/methods')).heading, 'Choose how to sign in')
  await stillAsks(t, visitor, app)
})

test.serial('programs get JSON that says the same', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const url = new URL(`${baseOf(start)}/passkey/options`, server.issuer)
  const cookie = visitor.browser.cookies.header(url)
  const answers: [body: string, headers: Record<string, string>, status: number, error: ErrorCode][] = [
    ['{', { 'content-type': 'application/json' }, 400, 'bad_request'],
    ['{}', { 'content-type': 'application/json' }, 403, 'csrf'],
    ['x'.repeat(limit + 1), { 'content-type': 'application/json' }, 413, 'body_too_large'],
    ['{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ]
  for (const [body, headers, status, error] of answers) {
    const answer = await raw(url, body, { accept: 'application/json', cookie, ...headers })
    t.is(answer.status, status)
    const shape = JSON.parse(answer.body) as { error: string; error_description: string; reference: string }
    t.is(shape.error, error)
    t.regex(shape.error_description, /\w/)
    t.regex(await server.logLineWith(shape.reference), new RegExp(`"error":"${error}"`))
  }
})

const engine: Record<string, { to: string; type: string; body: string; statuses: number[] }> = {
  'the token endpoint: JSON': { to: '/token', type: 'application/json', body: '{"grant_type":"client_credentials"}', statuses: [400] },
  'the token endpoint: oversized': { to: '/token', type: form, body: `grant_type=${'x'.repeat(1 << 18)}`, statuses: [400] },
  'the token endpoint: a field twice': { to: '/token', type: form, body: 'grant_type=a&grant_type=b', statuses: [400] },
  'pushed requests: plain text': { to: '/request', type: 'text/plain', body: 'client_id=shop', statuses: [400, 415] },
  'introspection: nothing': { to: '/token/introspection', type: form, body: '', statuses: [400, 401] },
  'revocation: oversized': { to: '/token/revocation', type: form, body: `token=${'x'.repeat(1 << 18)}`, statuses: [400] },
}

for (const [name, { to, type, body, statuses }] of Object.entries(engine)) {
  test.serial(`${name}: an OAuth error, nothing granted`, async t => {
    const answer = await nothingMade(t, server, () => raw(new URL(to, server.issuer), body, { accept: 'application/json', 'content-type': type }))
    t.true(statuses.includes(answer.status), `${answer.status}: ${answer.body}`)
    t.is(typeof (JSON.parse(answer.body) as { error?: unknown }).error, 'string', answer.body)
  })
}
