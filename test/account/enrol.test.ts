/** The operator's help link: a passkey for somebody who has lost every way, once, in the browser that presses first. */
import test from 'ava'
import { shop } from '../helpers/app.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { HttpBrowser, Page } from '../helpers/http-browser.ts'
import { day, hour, start, ticketIn, type Rig } from './rig.ts'

type Authenticator = ReturnType<typeof createAuthenticator>

async function press(browser: HttpBrowser, link: string): Promise<Page> {
  const page = await browser.open(link)
  return browser.submit(page, openForm(page, link))
}

/** Hidden from whoever has no script: a passkey could not be made there. */
function openForm(page: Page, link: string) {
  const form = page.forms.find(({ action, buttons }) => link.endsWith(action) && buttons[0]?.text === 'Continue')
  if (!form) throw new Error(`no press at ${page.heading}`)
  return form
}

function responseTo({ server }: Rig, page: Page, authenticator: Authenticator, overrides = {}): string {
  const { data } = page.passkeyForm('create')
  return JSON.stringify(authenticator.create(JSON.parse(data['options'] ?? ''), { origin: server.issuer, ...overrides }))
}

async function create(rig: Rig, browser: HttpBrowser, page: Page, authenticator: Authenticator, overrides = {}): Promise<Page> {
  return browser.submit(page, page.passkeyForm('create'), { values: { response: responseTo(rig, page, authenticator, overrides) } })
}

const passkeysOf = (rig: Rig, accountId: string) => rig.server.foundation.storage.passkeys.listByAccount(accountId)

test('the link leads to a passkey that signs in, cools, and is told of', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()

  const page = await browser.open(link)
  t.is(page.status, 200)
  t.is(page.heading, 'Set up a new passkey')
  t.true(page.text.includes(owner.email))
  t.regex(page.html, /works once, in the browser that presses first, until <time/)
  t.is(page.headers['cache-control'], 'no-store')

  const offer = await press(browser, link)
  t.is(offer.heading, 'Create your new passkey')
  const authenticator = createAuthenticator()
  const made = await create(rig, browser, offer, authenticator)
  t.is(made.heading, 'Your passkey is ready')
  t.regex(made.html, /You can sign in now\./)
  t.regex(made.html, /href="http:&#x2F;&#x2F;localhost:8&#x2F;"><span>Sign in at Example Shop/)

  const passkey = (await passkeysOf(rig, owner.accountId)).find(({ id }) => id === authenticator.credentials[0]?.id)
  t.is(passkey?.enrolledAcr, 'urn:latchkey:acr:recovery')
  t.is(Math.round((passkey!.coolingUntil! - passkey!.createdAt) / hour), 24)
  t.true(await rig.passkeyOpens({ email: owner.email, authenticator }))

  const [change, ...more] = await rig.changesOf(owner.accountId)
  t.like(change, { kind: 'passkey_added', subject: passkey!.id, userAgent: 'Chrome on Linux' })
  t.deepEqual(more.filter(({ kind }) => kind === 'passkey_added'), [])
  const subjects = await rig.subjects(owner.email)
  t.is(subjects.filter(subject => subject === 'A passkey was added to your Latchkey account').length, 1)
  t.is(subjects.filter(subject => subject === 'Your sign-in details at Latchkey changed').length, 1)
  const audit = await rig.server.foundation.storage.audit.query({ accountId: owner.accountId, limit: 50 })
  t.true(audit.some(({ type }) => type === 'help_link.bound'))
  t.like(audit.find(({ type, detail }) => type === 'passkey.created' && detail?.['cooling'] === true)?.detail, { enrolledAcr: 'urn:latchkey:acr:recovery' })
})

test('with several apps and none that is known, the operator\'s own are offered', async t => {
  const { client_uri: _, ...withoutStart } = shop
  const other = (client_id: string, firstParty: boolean) => ({ ...shop, client_id, client_name: `The ${client_id}`, client_uri: `http://localhost:8/${client_id}`, latchkey: { firstParty } })
  const rig = await start(t, { clients: [withoutStart, other('wiki', true), other('mail', true), other('guest', false)] })
  const { accountId } = await rig.newOwner()
  const browser = rig.newBrowser()
  const made = await create(rig, browser, await press(browser, await rig.enrolLink(accountId)), createAuthenticator())
  t.is(made.heading, 'Your passkey is ready')
  t.deepEqual(made.links.filter(({ href }) => href.startsWith('http://localhost:8')).map(({ href, text }) => [text, href]), [['The mail', 'http://localhost:8/mail'], ['The wiki', 'http://localhost:8/wiki']])
  t.notRegex((await rig.newBrowser().open(`${rig.server.issuer}/account/enrol/${'a'.repeat(43)}`)).text, /The wiki/, 'not told to anybody')
})

test('looking binds nothing: mail scanners follow links', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  for (let i = 0; i < 5; i++) t.is((await rig.newBrowser().open(link)).heading, 'Set up a new passkey')
  t.is((await rig.tickets.look('enrol', ticketIn(link)))?.boundTo, undefined)
  t.is((await press(rig.newBrowser(), link)).heading, 'Create your new passkey')
})

test('another browser than the first to press gets nowhere', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const first = rig.newBrowser()
  const second = rig.newBrowser()
  const early = await second.open(link)
  const offer = await press(first, link)

  for (const page of [await second.open(link), await second.submit(early, openForm(early, link))]) {
    t.is(page.status, 403)
    t.is(page.heading, 'This link was opened in another browser')
    t.false(page.text.includes(owner.email))
  }
  // the first one's page, carried over
  const authenticator = createAuthenticator()
  const stolen = await second.submit(offer, offer.passkeyForm('create'), { values: { response: responseTo(rig, offer, authenticator) } })
  t.is(stolen.status, 403)
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
  t.is((await create(rig, first, offer, createAuthenticator())).heading, 'Your passkey is ready')
  t.is((await second.open(link)).heading, 'This link was used already')
})

test('twenty browsers press at once: one gets on', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browsers = Array.from({ length: 20 }, () => rig.newBrowser())
  const pages = await Promise.all(browsers.map(browser => browser.open(link)))
  const answers = await Promise.all(browsers.map((browser, i) => browser.submit(pages[i]!, openForm(pages[i]!, link))))
  t.deepEqual(answers.map(({ heading }) => heading).toSorted().slice(0, 2), ['Create your new passkey', 'This link was opened in another browser'])
})

test('what did not come to a passkey does not use the link up', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const browser = rig.newBrowser()
  const link = await rig.enrolLink(owner.accountId)
  const offer = await press(browser, link)
  const authenticator = createAuthenticator()
  const form = offer.passkeyForm('create')

  for (const values of [{ error: 'NotAllowedError' }, { error: 'UnknownError' }, { error: 'InvalidStateError' }, { response: '{"id":1}' }, { response: 'x' }, {}]) {
    const page = await browser.submit(offer, form, { values })
    t.is(page.status, 200)
    t.regex(page.heading ?? '', /^No passkey was created$|^This device has a passkey already$/, JSON.stringify(values))
  }
  for (const overrides of [{ origin: 'https://evil.example' }, { rpId: 'evil.example' }, { userVerified: false }, { challenge: 'AAAA' }, { type: 'webauthn.get' }]) {
    const page = await create(rig, browser, await browser.open(link), authenticator, overrides)
    t.is(page.heading, 'No passkey was created', JSON.stringify(overrides))
  }
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
  t.truthy(await rig.tickets.look('enrol', ticketIn(link)))
  t.is((await create(rig, browser, await browser.open(link), createAuthenticator())).heading, 'Your passkey is ready')
})

test('the same passkey twice is named as what it is', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const browser = rig.newBrowser()
  const offer = await press(browser, await rig.enrolLink(owner.accountId))
  const page = await create(rig, browser, offer, createAuthenticator(), { credentialId: owner.authenticator.credentials[0]!.id })
  t.is(page.heading, 'This device has a passkey already')
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
})

test('pressed twice, reloaded, replayed: one passkey, and the page that says so', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const browser = rig.newBrowser()
  const link = await rig.enrolLink(owner.accountId)
  const offer = await press(browser, link)
  const form = offer.passkeyForm('create')
  const responses = Array.from({ length: 20 }, () => responseTo(rig, offer, createAuthenticator()))
  const answers = await Promise.all(responses.map(response => browser.submit(offer, form, { values: { response } })))
  t.deepEqual([...new Set(answers.map(({ heading }) => heading))], ['Your passkey is ready'])

  const again = await browser.submit(offer, form, { values: { response: responses[0] } })
  t.is(again.heading, 'Your passkey is ready')
  t.is((await browser.open(link)).heading, 'Your passkey is ready')
  t.is((await browser.open(`${link}/passkey-create`)).heading, 'Your passkey is ready')
  t.is((await rig.newBrowser().open(link)).heading, 'This link was used already')

  t.is((await passkeysOf(rig, owner.accountId)).length, 2)
  t.is((await rig.changesOf(owner.accountId)).filter(({ kind }) => kind === 'passkey_added').length, 1)
  t.is((await rig.subjects(owner.email)).filter(subject => subject.startsWith('A passkey was added')).length, 1)
})

test('options of another link, or from before, make nothing here', async t => {
  const rig = await start(t)
  const [owner, other] = [await rig.newOwner(), await rig.newOwner()]
  const browser = rig.newBrowser()
  const own = await press(browser, await rig.enrolLink(owner.accountId))
  const link = await rig.enrolLink(other.accountId)
  const foreign = await press(browser, link)
  const response = responseTo(rig, own, createAuthenticator())
  t.is((await browser.submit(foreign, foreign.passkeyForm('create'), { values: { response } })).heading, 'No passkey was created')
  const second = await press(browser, await rig.enrolLink(owner.accountId))
  t.is((await browser.submit(second, second.passkeyForm('create'), { values: { response } })).heading, 'No passkey was created')
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
  t.is((await passkeysOf(rig, other.accountId)).length, 1)
})

test('links that are none: malformed, of another purpose, too old', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const notMe = await rig.tickets.issue({ purpose: 'not_me', accountId: owner.accountId, changeId: 'x', life: 7 * day })
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()
  const early = await browser.open(link)
  rig.server.advance(day)
  const base = `${rig.server.issuer}/account/enrol`
  const none = [link, `${base}/${notMe}`, `${base}/x`, `${base}/${'A'.repeat(43)}`, `${base}/${'A'.repeat(2000)}`, `${base}/%00`, `${base}/..%2f..%2fetc`, `${base}/ü`, `${base}/%ff`, `${base}/toString`]
  for (const url of none) {
    const page = await rig.newBrowser().open(url)
    t.is(page.status, 410, url)
    t.is(page.heading, 'This link no longer works', url)
  }
  t.is((await browser.submit(early, openForm(early, link))).heading, 'This link no longer works')
  for (const url of [`${base}/`, `${base}/a/b`]) t.true((await rig.newBrowser().open(url)).status === 404, url)
})

test('a press that another site makes, or a browser without cookies, binds nothing', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()
  const page = await browser.open(link)
  const form = openForm(page, link)
  const attempts: Parameters<HttpBrowser['submit']>[2][] = [
    { values: { csrf: undefined } },
    { values: { csrf: 'x' } },
    { headers: { 'sec-fetch-site': 'cross-site' } },
    { headers: { 'sec-fetch-site': 'same-site' } },
    { headers: { origin: 'https://evil.example' } },
    { headers: { origin: 'null' } },
  ]
  for (const attempt of attempts) {
    const answer = await browser.submit(page, form, attempt)
    t.is(answer.status, 403, JSON.stringify(attempt))
    t.true(answer.html.includes(new URL(link).pathname.replaceAll('/', '&#x2F;')), 'the way on is the page itself')
  }
  const stranger = rig.newBrowser()
  const carried = await stranger.submit(page, form)
  t.is(carried.status, 403)
  t.is((await rig.tickets.look('enrol', ticketIn(link)))?.boundTo, undefined)
})

test('an account that is switched off gets no passkey, whatever the link says', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()
  const offer = await press(browser, link)
  await rig.server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, disabledAt: 1 }))
  t.like(await browser.open(link), { status: 403, heading: 'This account is switched off' })
  t.like(await create(rig, browser, offer, createAuthenticator()), { status: 403, heading: 'This account is switched off' })
  t.like(await rig.newBrowser().open(link), { status: 403, heading: 'This account is switched off' })
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
})

test('while changes are stopped, the link changes nothing either', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()
  const offer = await press(browser, link)
  await rig.server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, frozen: { at: 2, since: 1, changeIds: ['x'] } }))
  t.like(await create(rig, browser, offer, createAuthenticator()), { status: 403, heading: 'Changes are stopped at the moment' })
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
})

test('somebody without any passkey gets a first one, and it cools too', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  const browser = rig.newBrowser()
  const authenticator = createAuthenticator()
  t.is((await create(rig, browser, await press(browser, await rig.enrolLink(owner.accountId)), authenticator)).heading, 'Your passkey is ready')
  t.truthy((await passkeysOf(rig, owner.accountId))[0]?.coolingUntil)
})

test('a page that stood open gets fresh options, only in its browser', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()
  const offer = await press(browser, link)
  const form = offer.passkeyForm('create')
  const post = (by: HttpBrowser) => by.post(offer, form.data['options-url'] ?? '', '{}', { 'content-type': 'application/json', 'x-csrf-token': form.values['csrf'] ?? '' })
  const { options } = JSON.parse((await post(browser)).body) as { options: { challenge: string } }
  t.not(options.challenge, JSON.parse(form.data['options'] ?? '').challenge)
  const authenticator = createAuthenticator()
  const response = responseTo(rig, offer, authenticator, { challenge: options.challenge })
  t.is((await post(rig.newBrowser())).status, 403)
  t.is((await browser.submit(offer, form, { values: { response } })).heading, 'Your passkey is ready')
  t.is((await post(browser)).status, 409)
})

test('in another language it is the same page; the ticket is in no log line', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()
  const page = await browser.open(link)
  const german = await browser.submit(page, page.forms.find(({ action }) => action.endsWith('/language'))!, { values: { locale: 'de' } })
  t.is(german.heading, 'Neuen Passkey einrichten')
  await browser.submit(page, openForm(page, link), { headers: { origin: 'null' } })
  await create(rig, browser, await browser.open(link).then(again => browser.submit(again, again.forms.find(({ buttons }) => buttons[0]?.text === 'Weiter')!)), createAuthenticator())
  await browser.post(page, link, 'x', { 'content-type': 'text/plain' })
  await rig.newBrowser().open(`${link}x`)
  t.false(rig.server.log.join('\n').includes(ticketIn(link)))
  t.true(rig.server.log.some(line => line.includes('"/account/enrol/:ticket"')))
})

test('inside another app the page says so before the press', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const browser = rig.newBrowser({ 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0' })
  t.regex((await browser.open(await rig.enrolLink(owner.accountId))).html, /You are inside another app/)
})

test('changes that are stopped while the answer is checked are stopped in time, and the link stays', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const browser = rig.newBrowser()
  const offer = await press(browser, link)
  const { storage } = rig.server.foundation
  const { get } = storage.passkeys
  // the last look before the passkey is stored
  storage.passkeys.get = async id => {
    await storage.accounts.update(owner.accountId, account => ({ ...account, frozen: { at: 2, since: 1, changeIds: ['x'] } }))
    return get(id)
  }
  t.teardown(() => void (storage.passkeys.get = get))
  t.like(await create(rig, browser, offer, createAuthenticator()), { status: 403, heading: 'Changes are stopped at the moment' })
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
  t.truthy(await rig.tickets.look('enrol', ticketIn(link)))
})

/** Nobody adds a passkey in a browser on Linux. */
const noLinux = `rules:
  - name: no-linux
    on: enrolment
    when: { browser: { platform: Linux }, account: { createdHere: false } }
    then: deny
    because: Passkeys are made on the company's own machines.
`

test("an operator's rule that stops an enrolment stops it here too: before the link is bound, before options, before a passkey", async t => {
  const rig = await start(t, { files: { 'policy/rules.yaml': noLinux } })
  const mac = { 'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15' }
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  t.is((await rig.newBrowser().open(link)).heading, 'Set up a new passkey', 'looking asks nobody')
  const refused = await press(rig.newBrowser(), link)
  t.like(refused, { status: 403, heading: 'We cannot let this go on here' })
  const [decision] = (await rig.server.foundation.storage.rules.query({ limit: 10 })).filter(({ event }) => event === 'enrolment')
  t.like(decision?.outcome, { outcome: 'deny', rules: ['no-linux'] })

  const browser = rig.newBrowser(mac)
  const offer = await press(browser, link)
  t.is(offer.heading, 'Create your new passkey', 'the link was not bound to the browser that was refused')
  const authenticator = createAuthenticator()
  const response = responseTo(rig, offer, authenticator)
  const linux = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36' }
  t.is((await browser.submit(offer, offer.passkeyForm('create'), { values: { response }, headers: linux })).status, 403)
  t.is((await browser.open(link, { headers: linux })).status, 403, 'no options either')
  t.is((await passkeysOf(rig, owner.accountId)).length, 1)
  t.is((await browser.submit(offer, offer.passkeyForm('create'), { values: { response } })).heading, 'Your passkey is ready')
})
