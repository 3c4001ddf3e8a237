/** Where somebody is signed in: seen, ended one by one or all at once, and the apps there hear of it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import * as jose from 'jose'
import { shop } from '../helpers/app.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { start, type Rig } from './rig.ts'

const list = '/account/sessions'
type Owner = Awaited<ReturnType<Rig['newOwner']>>

/** Another browser of the owner, signed in by the passkey, with what the app got there. */
async function elsewhere(rig: Rig, owner: Owner, parameters: Record<string, string> = {}) {
  const visitor = createVisitor(rig.server, owner)
  const authorization = await rig.app.authorize({ prompt: 'login', ...parameters })
  const page = await visitor.usePasskey(await visitor.arrive(authorization))
  const landing = page.elsewhere ? page : await visitor.browser.submit(page, '/consent', { button: 'Allow' })
  return { ...visitor, tokens: await authorization.finish(landing.url) }
}

/** An app that hears of sign-outs, and keeps the tokens that say so. */
async function listening(t: ExecutionContext, status = 200) {
  const heard: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      heard.push(new URLSearchParams(body).get('logout_token') ?? '')
      response.writeHead(status).end()
    })
  }).listen(0, 'localhost')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { heard, uri: `http://localhost:${(server.address() as AddressInfo).port}/told` }
}

test('each browser with its device, since when, and what it is signed in to; our own pages are no app', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await elsewhere(rig, owner)
  const page = await owner.browser.open(list)
  t.is(page.heading, 'Where you are signed in')
  t.is(page.text.match(/Signed in since/g)?.length, 2)
  t.is(page.text.match(/This device/g)?.length, 1)
  t.regex(page.text, /At: Example Shop/)
  t.notRegex(page.text, /At: [^.]*account/)
})

test('one is ended: it has lost everything with the next click, the others go on', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const [first, second] = [await elsewhere(rig, owner, { scope: 'openid offline_access', prompt: 'login consent' }), await elsewhere(rig, owner)]
  const page = await owner.browser.open(list)
  const forms = page.forms.filter(({ values }) => values['end'] !== undefined)
  t.is(forms.length, 2)
  // The newest stands first.
  const done = await owner.browser.submit(page, forms[1]!)
  t.regex(done.text, /Signed out there/)
  t.regex((await first.browser.open(list)).url.pathname, /^\/interaction\//)
  await t.throwsAsync(rig.app.refresh(first.tokens))
  t.is((await second.browser.open(list)).url.pathname, list)
  t.is((await owner.browser.open(list)).text.match(/Signed in since/g)?.length, 2)
})

test('the session of this page itself is not ended by its name', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const other = await elsewhere(rig, owner)
  const own = (await other.browser.open(list)).forms.find(({ values }) => values['end'] !== undefined)!
  const page = await owner.browser.open(list)
  const refused = await owner.browser.submit(page, page.forms.find(({ values }) => values['end'] !== undefined)!, { values: { end: own.values['end'] ?? '' } })
  t.regex(refused.text, /changed in another window/)
  t.is(refused.text.match(/Signed in since/g)?.length, 2)
})

test('all others at once, on a page that says what it means', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const others = [await elsewhere(rig, owner), await elsewhere(rig, owner)]
  const page = await owner.browser.open('/account/sessions-end')
  t.is(page.heading, 'Sign out everywhere else?')
  t.regex(page.text, /2 other browsers/)
  const done = await owner.browser.submit(page, page.form('/account/sessions-end', 'Sign out everywhere else'))
  t.regex(done.text, /Signed out everywhere else/)
  for (const { browser } of others) t.regex((await browser.open(list)).url.pathname, /^\/interaction\//)
  t.is((await owner.browser.open(list)).text.match(/Signed in since/g)?.length, 1)
  t.regex((await owner.browser.open('/account/sessions-end')).text, /changed in another window/)
})

test('apps hear of it, about the right session', async t => {
  const { heard, uri } = await listening(t)
  const told = { ...shop, backchannel_logout_uri: uri, backchannel_logout_session_required: true }
  const rig = await start(t, { clients: [told] })
  const owner = await rig.newOwner()
  const { tokens } = await elsewhere(rig, owner)
  const page = await owner.browser.open(list)
  await owner.browser.submit(page, page.forms.find(({ values }) => values['end'] !== undefined)!)
  t.is(heard.length, 1)
  const keys = jose.createLocalJWKSet((await (await fetch(`${rig.server.issuer}/jwks`)).json()) as jose.JSONWebKeySet)
  const { payload } = await jose.jwtVerify(heard[0]!, keys, { audience: told.client_id })
  t.is(payload['sid'], tokens.claims()?.['sid'])
  t.truthy(tokens.claims()?.['sid'])
})

test('an app that does not answer is named', async t => {
  const { uri } = await listening(t, 500)
  const rig = await start(t, { clients: [{ ...shop, backchannel_logout_uri: uri }] })
  const owner = await rig.newOwner()
  await elsewhere(rig, owner)
  const page = await owner.browser.open(list)
  const done = await owner.browser.submit(page, page.forms.find(({ values }) => values['end'] !== undefined)!)
  t.regex(done.text, /Signed out there\. Example Shop did not answer/)
})

test('nobody ends a session of somebody else, or the own one in passing', async t => {
  const rig = await start(t)
  const [owner, stranger] = [await rig.newOwner(), await rig.newOwner()]
  await elsewhere(rig, owner)
  const theirs = (await owner.browser.open(list)).forms.find(({ values }) => values['end'] !== undefined)!.values['end']!
  await elsewhere(rig, stranger)
  const page = await stranger.browser.open(list)
  const answer = await stranger.browser.submit(page, page.forms.find(({ values }) => values['end'] !== undefined)!, { values: { end: theirs } })
  t.regex(answer.text, /changed in another window/)
  t.is((await owner.browser.open(list)).text.match(/Signed in since/g)?.length, 2)
})

test('forgetting this device: the next sign-in here is one from a new browser', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { devices } = rig.server.foundation.storage
  t.is((await devices.listByAccount(owner.accountId)).length, 1)
  const page = await owner.browser.open('/account/device-forget')
  t.is(page.heading, 'Forget this device?')
  const done = await owner.browser.submit(page, page.form('/account/device-forget', 'Forget this device'))
  t.regex(done.text, /This device is new to us now/)
  t.deepEqual(await devices.listByAccount(owner.accountId), [])
  const again = await owner.usePasskey(await rig.arrive(owner))
  t.true(again.elsewhere)
  t.is((await rig.subjects(owner.email))[0], 'New sign-in to your Latchkey account')
})
