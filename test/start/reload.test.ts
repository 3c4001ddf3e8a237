/** SIGHUP: a new config takes over as a whole or not at all, and nobody on the way notices. */
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { createApp, news, shop } from '../helpers/app.ts'
import { eventually } from '../helpers/eventually.ts'
import { decode } from '../helpers/html.ts'
import { createHttpBrowser } from '../helpers/http-browser.ts'
import { type Server, startServer, writeConfig } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'

const outcomes = (server: Server) => server.log.filter(line => /config (not )?reloaded/.test(line))

/** Sends SIGHUP and waits for the log line that says what became of it. */
async function reload(server: Server): Promise<string> {
  const known = outcomes(server).length
  process.kill(server.pid, 'SIGHUP')
  return eventually('the outcome of a reload', async () => outcomes(server)[known])
}

const configure = (server: Server, config: Record<string, unknown>, clients: Record<string, unknown>[] = [shop]) =>
  writeConfig(join(server.folder, 'config'), { issuer: server.issuer, ...config }, clients)

async function stylesheetOf(html: string, server: Server): Promise<string> {
  const [, address = ''] = /href="([^"]*theme-[^"]*\.css)"/.exec(html) ?? []
  const answer = await fetch(new URL(decode(address), server.issuer))
  return answer.ok ? answer.text() : `${answer.status}`
}

test('a new client works at once, and a login that had begun goes on under the new config', async t => {
  const server = await startServer({ clients: [shop], config: { theme: { name: 'Before', accent: '#3355ff' } } })
  t.teardown(() => server.dispose())
  const app = await createApp(server.issuer, shop)
  const visitor = createVisitor(server)
  const begun = await app.authorize()
  const page = await visitor.arrive(begun)
  t.regex(page.title, /Before/)
  const colours = await stylesheetOf(page.html, server)

  const stranger = createHttpBrowser({ origin: server.issuer })
  const asNews = new URL(begun.url)
  asNews.searchParams.set('client_id', news.client_id)
  asNews.searchParams.set('redirect_uri', news.redirect_uris[0] ?? '')
  t.is((await stranger.open(asNews)).status, 400, 'not known yet')

  await configure(server, { theme: { name: 'After', accent: '#118844' } }, [shop, news])
  t.regex(await reload(server), /"config reloaded"/)
  const fresh = await stranger.open(asNews)
  t.is(fresh.heading, 'Sign in')
  t.regex(fresh.title, /After/)
  t.not(await stylesheetOf(fresh.html, server), colours)
  t.true((await stylesheetOf(fresh.html, server)).startsWith(':root{--accent:'))
  t.is(await stylesheetOf(page.html, server), await stylesheetOf(fresh.html, server), 'a page from before does not lose its colours')

  const offer = await visitor.signUp(page)
  t.regex(offer.title, /After/)
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.truthy((await begun.finish(landing.url)).id_token)

  await rm(join(server.folder, 'config', 'clients', 'news.yaml'))
  await reload(server)
  t.is((await stranger.open(asNews)).status, 400, 'a client that is taken away is gone')
})

test('a request under way ends on the config it began with', async t => {
  const server = await startServer({ clients: [shop], config: { theme: { name: 'Before' } } })
  t.teardown(() => server.dispose())
  const visitor = createVisitor(server)
  const page = await visitor.arrive(await (await createApp(server.issuer, shop)).authorize())
  const form = page.form('/identifier', 'Continue')
  const url = new URL(form.action, page.url)
  const body = new URLSearchParams({ ...form.values, identifier: 'no address' }).toString()
  const slow = connect({ host: '127.0.0.1', port: server.port })
  await once(slow, 'connect')
  const head = ['accept: text/html', 'connection: close', `host: localhost:${server.port}`, `origin: ${server.issuer}`, `cookie: ${visitor.browser.cookies.header(url, { method: 'POST' })}`]
  slow.write([`POST ${url.pathname} HTTP/1.1`, ...head, 'content-type: application/x-www-form-urlencoded', `content-length: ${body.length}`, '', body.slice(0, 10)].join('\r\n'))
  await (await fetch(`${server.issuer}/healthz`)).text()

  await configure(server, { theme: { name: 'After' } })
  await reload(server)
  t.regex((await visitor.browser.open(page.url)).title, /After/)
  slow.write(body.slice(10))
  const answer = await text(slow)
  t.regex(answer, /^HTTP\/1\.1 400 /)
  t.regex(answer, /<title>[^<]*Before/)
})

test('a bad config changes nothing and is reported with file and line', async t => {
  const server = await startServer({ clients: [shop], config: { theme: { name: 'Before' } } })
  t.teardown(() => server.dispose())
  const brand = async () => (await createHttpBrowser({ origin: server.issuer }).open((await (await createApp(server.issuer, shop)).authorize()).url)).title
  const file = join(server.folder, 'config', 'latchkey.yaml')
  const good = await readFile(file, 'utf8')

  const bad: [what: string, yaml: string, said: RegExp][] = [
    ['unknown and wrong settings', `${good}sesions: {}\nlocales: [xx]\n`, /latchkey\.yaml:4 +sesions.*did you mean sessions.*latchkey\.yaml:5 +locales/],
    ['no YAML', `${good}mail: [\n`, /latchkey\.yaml:\d+/],
    ['another issuer', good.replace(/^issuer: .*/, 'issuer: http://localhost:9999'), /issuer has changed: that needs a restart/],
    ['another RP ID', good.replace(/^issuer: .*/, 'issuer: http://127.0.0.1:9999'), /issuer has changed: that needs a restart/],
    ['another port for metrics', `${good}server: { metricsPort: 9464 }\n`, /server\.metricsPort has changed: that needs a restart/],
  ]
  for (const [what, yaml, said] of bad) {
    await writeFile(file, yaml.replace('Before', 'After'))
    const line = await reload(server)
    t.regex(line, /"level":"error".*config not reloaded: nothing has changed/, what)
    t.regex(line, said, what)
    t.regex(await brand(), /Before/, what)
  }

  await writeFile(file, good.replace('Before', 'After'))
  t.regex(await reload(server), /"config reloaded"/, 'and the next good one is taken')
  t.regex(await brand(), /After/)
})

test('many SIGHUPs at once, under traffic, fail no request and end with the last config', async t => {
  const server = await startServer({ clients: [shop] })
  t.teardown(() => server.dispose())
  const app = await createApp(server.issuer, shop)
  const visitor = createVisitor(server)
  await configure(server, { theme: { name: 'After' } })
  let done = false
  const traffic = (async () => {
    const statuses = new Set<number>()
    while (!done) statuses.add((await visitor.arrive(await app.authorize())).status)
    return [...statuses]
  })()
  for (let round = 0; round < 3; round++) {
    const outcome = reload(server)
    process.kill(server.pid, 'SIGHUP')
    process.kill(server.pid, 'SIGHUP')
    await outcome
  }
  done = true
  t.deepEqual(await traffic, [200])
  t.regex((await visitor.arrive(await app.authorize())).title, /After/)
  t.true(outcomes(server).every(line => line.includes('"config reloaded"')))
  t.is(await server.stop(), 0)
})
