/**
 * Apps whose callback and post-logout page redirect on to a third origin. Browsers check `form-action` along the whole
 * chain that follows a form POST, so that a redirect where a page should hand over ends on a blank screen.
 */
import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { type App, createApp } from '../helpers/app.ts'
import { type Chromium, startChromium } from '../helpers/chromium.ts'
import { createPerson } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let chromium: Chromium
let server: Server
let third: HttpServer
let apps: HttpServer
let thirdOrigin: string
let shop: App
let news: App

test.before(async () => {
  third = await listening(createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><h1>Landed</h1>')))
  thirdOrigin = `http://127.0.0.1:${portOf(third)}`
  // Whatever comes, by GET or POST, goes on to the third origin with what the request brought.
  apps = await listening(createServer(async (request, response) => {
    const chunks: string[] = []
    for await (const chunk of request.setEncoding('utf8')) chunks.push(String(chunk))
    const { search } = new URL(request.url ?? '', thirdOrigin)
    response.writeHead(303, { location: `${thirdOrigin}/landed${search || `?${chunks.join('')}`}` }).end()
  }))
  const origin = `http://127.0.0.1:${portOf(apps)}`
  const client = (id: string, firstParty: boolean) => ({
    client_id: id, client_name: `The ${id}`, client_uri: `${origin}/${id}`, redirect_uris: [`${origin}/${id}/callback`],
    post_logout_redirect_uris: [`${origin}/${id}/signed-out`], token_endpoint_auth_method: 'none', latchkey: { firstParty },
  })
  const clients = [client('shop', true), client('news', false)]
  ;[server, chromium] = await Promise.all([startServer({ clients }), startChromium()])
  ;[shop, news] = await Promise.all([createApp(server.issuer, clients[0]!), createApp(server.issuer, clients[1]!)])
})
test.after.always(async () => {
  await chromium?.close()
  await server?.dispose()
  for (const listener of [third, apps]) {
    listener?.closeAllConnections()
    listener?.close()
  }
})

const portOf = (listener: HttpServer) => (listener.address() as AddressInfo).port
async function listening(listener: HttpServer): Promise<HttpServer> {
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return listener
}

async function lands(t: ExecutionContext, { page, complaints }: Awaited<ReturnType<Chromium['open']>>, parameter: string): Promise<void> {
  await page.getByRole('heading', { name: 'Landed' }).waitFor()
  const { origin, searchParams } = new URL(page.url())
  t.is(origin, thirdOrigin)
  t.true(searchParams.has(parameter), page.url())
  t.deepEqual(complaints.filter(text => !text.includes('favicon')), [])
}

for (const responseMode of ['query', 'form_post']) {
  test.serial(`a callback that redirects on, ${responseMode}: after sign-up, code, passkey, consent and going back`, async t => {
    const tab = await chromium.open()
    const person = createPerson(server, tab)
    const go = async (app: App, parameters: Record<string, string> = {}) => {
      const { url } = await app.authorize({ response_mode: responseMode, ...parameters })
      await tab.page.goto(url.href)
    }
    await go(shop)
    await person.signUp()
    await person.isAt('Sign in faster next time')
    await person.press('Create a passkey')
    await person.isAt('Your passkey is ready')
    await person.press(/^Continue to /)
    await lands(t, tab, 'code')

    await go(news)
    await person.isAt('Let The news see this?')
    await person.press('Allow')
    await lands(t, tab, 'code')

    await go(shop, { prompt: 'login' })
    await lands(t, tab, 'code')

    await tab.authenticator.setPresent(false)
    await go(shop, { prompt: 'login' })
    await person.press('Go back to The shop')
    await lands(t, tab, 'error')

    await tab.context.clearCookies()
    await go(shop)
    await person.isAt('Sign in')
    await person.ignoreMail()
    await person.signInByCode()
    await lands(t, tab, 'code')
  })
}

test.serial('a post-logout page that redirects on', async t => {
  const tab = await chromium.open({ context: { javaScriptEnabled: false } })
  const person = createPerson(server, tab)
  await tab.page.goto((await shop.authorize()).url.href)
  await person.signUp()
  await lands(t, tab, 'code')

  const back = new URL('/session/end', server.issuer)
  back.search = new URLSearchParams({ client_id: 'shop', post_logout_redirect_uri: `http://127.0.0.1:${portOf(apps)}/shop/signed-out`, state: 'kept' }).toString()
  await tab.page.goto(back.href)
  await person.isAt(/^Sign out of /)
  await person.press('Sign out')
  await lands(t, tab, 'state')
  await tab.page.goto((await shop.authorize()).url.href)
  await person.isAt('Sign in')
})
