/** We send people only to what is registered: not to an address that came with a request (bad redirect URIs: test/bad-input/redirects.test.ts). */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: InProcess
test.before(async () => {
  server = await startInProcess({ clients: [shop] })
})
test.after.always(() => server?.dispose())

const evil = 'https://evil.example/'

/** Where an answer leads, by any means a browser follows. */
function targets({ headers, body }: { headers: Record<string, unknown>; body: string }): string[] {
  const links = [...body.matchAll(/(?:href|action|src|content)="([^"]*)"/g)].map(([, target]) => target ?? '')
  return [headers['location'], headers['refresh'], ...links].filter((target) => target !== undefined).map(String)
}

const addresses = [
  `/session/end?post_logout_redirect_uri=${evil}`,
  `/session/end?client_id=shop&post_logout_redirect_uri=${evil}`,
  `/session/end?client_id=shop&post_logout_redirect_uri=${shop.post_logout_redirect_uris[0]}.evil.example/`,
  `/auth?client_id=shop&redirect_uri=${evil}&response_type=code&scope=openid`,
  `/auth?client_id=nobody&redirect_uri=${evil}`,
  `/interaction/x?return=${evil}`,
  `//evil.example/`,
  `/%2F%2Fevil.example/`,
  `/\\evil.example`,
  `/demo?next=${evil}`,
  `/demo/callback?error=x&error_uri=${evil}`,
  `/?next=${evil}`,
]

for (const address of addresses) {
  test(`open redirect: ${address}`, async (t) => {
    const response = await fetch(server.issuer + address, { redirect: 'manual' })
    const answer = { headers: Object.fromEntries(response.headers), body: await response.text() }
    t.deepEqual(targets(answer).filter((target) => /^(?:\d+;\s*url=)?\s*(?:https?:)?[/\\]{2}(?:[^/]*\.)?evil\.example/i.test(target)), [])
  })
}

test('open redirect by a foreign Host: no answer names it', async (t) => {
  const { createHttpClient } = await import('../helpers/http-client.ts')
  const client = createHttpClient()
  t.teardown(client.close)
  for (const path of ['/', '/demo', '/auth?client_id=shop', '/.well-known/openid-configuration', '/nowhere']) {
    const { headers, body } = await client.send(new URL(path, server.issuer), { headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' } })
    t.false(`${JSON.stringify(headers)} ${body}`.includes('evil.example'), path)
  }
})

test('open redirect by the language switch: it stays where it is', async (t) => {
  const visitor = createVisitor(server)
  const page = await visitor.arrive(await (await createApp(server.issuer, shop)).authorize())
  const next = await visitor.browser.submit(page, '/identifier', { button: 'Deutsch', values: { back: evil, return: evil, url: evil } })
  t.is(next.heading, 'Anmelden')
  t.false(next.elsewhere)
  t.is(next.url.origin, server.issuer)
})
