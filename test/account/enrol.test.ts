/** A help link in the hands that it was made for: one passkey, that cools. */
import test from 'ava'
import { shop } from '../helpers/app.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { HttpBrowser } from '../helpers/http-browser.ts'
import { create, openForm, passkeysOf, press, responseTo } from './enrol-rig.ts'
import { hour, start, ticketIn } from './rig.ts'

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
