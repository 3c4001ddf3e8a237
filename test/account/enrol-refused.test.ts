/** A help link in the wrong hands, at the wrong time, or against what stands: it changes nothing. */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { HttpBrowser } from '../helpers/http-browser.ts'
import { create, openForm, passkeysOf, press, responseTo } from './enrol-rig.ts'
import { day, start, ticketIn } from './rig.ts'

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
