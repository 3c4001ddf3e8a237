import test from 'ava'
import { createHmac } from 'node:crypto'
import { body } from '../../src/http/body.ts'
import { createCsrf } from '../../src/http/csrf.ts'
import { echo, serve, type Sent } from './server.ts'

const keyring = { hmac: (...parts: string[]) => createHmac('sha256', 'key').update(parts.join('\0')).digest('base64url') }

test('a POST needs the token of its own binding', async (t) => {
  const { send, issuer, lines } = await serve(t, (s) => {
    const csrf = createCsrf({ keyring, config: { issuer: s.issuer } })
    return [body(), (ctx, next) => (csrf.check(ctx, 'cid-1'), next()), echo]
  })
  const csrf = createCsrf({ keyring, config: { issuer } })
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}): Sent => ({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  })
  const right = { csrf: csrf.token('cid-1') }

  t.is((await send('/', post(right))).status, 200)
  t.is((await send('/', post(right, { origin: issuer, 'sec-fetch-site': 'same-origin' }))).status, 200)
  t.is((await send('/', post({}, { 'x-csrf-token': right.csrf }))).status, 200)

  const refused: [string, Sent][] = [
    ['missing', post({})],
    ['wrong', post({ csrf: 'x' })],
    ['of another interaction', post({ csrf: csrf.token('cid-2') })],
    ['Origin null', post(right, { origin: 'null' })],
    ['foreign origin', post(right, { origin: 'https://evil.example' })],
    ['same host, other port', post(right, { origin: 'http://localhost:1' })],
    ['cross-site', post(right, { 'sec-fetch-site': 'cross-site' })],
    ['same-site', post(right, { 'sec-fetch-site': 'same-site' })],
    ['typed or scripted by nobody of ours', post(right, { 'sec-fetch-site': 'none' })],
  ]
  for (const [name, sent] of refused) {
    const answer = await send('/', sent)
    t.is(answer.status, 403, name)
    t.is(answer.json['error'], 'csrf', name)
    t.truthy(lines.find(({ reference, error }) => error === 'csrf' && reference === answer.json['reference']), name)
  }
})
