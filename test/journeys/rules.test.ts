/** What the operator's rules do to a login: those that come along, and one of his own. */
import test, { type ExecutionContext } from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, refused, signUpByCode, signUpWithPasskey, whatThereIs } from '../bad-input/refused.ts'

const minute = 60_000
const day = 24 * 60 * minute

const stopped = 'We cannot let this go on here'

async function start(t: ExecutionContext, options: InProcessOptions = {}): Promise<InProcess> {
  const server = await startInProcess({ clients: [shop], still: true, ...options })
  t.teardown(server.dispose)
  return server
}

const decisions = async ({ foundation: { storage } }: InProcess, event: string) =>
  (await storage.rules.query({ limit: 100 })).filter((decision) => decision.event === event)

const ruled = (decision: { outcome: unknown } | undefined) => decision?.outcome as { rules: string[]; notify: boolean; challenge?: unknown; outcome: string }

/** Up to the page that asks for the code. */
async function toCode(server: InProcess, visitor: Visitor): Promise<Page> {
  const app = await createApp(server.issuer, shop)
  server.advance(16 * minute)
  await visitor.ignoreMail()
  const page = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  return page.heading === 'Check your email' ? page : visitor.browser.submit(page, '/methods', { button: `Send a code to ${visitor.email} instead` })
}

const byCode = async (server: InProcess, visitor: Visitor) => visitor.typeCode(await toCode(server, visitor))

/** Wrong codes of somebody else, in logins of their own so that each code has tries left. */
async function guess(server: InProcess, email: string, times: number): Promise<void> {
  for (let left = times; left > 0; left -= 4) {
    const stranger = createVisitor(server, { email })
    const page = await toCode(server, stranger)
    for (let n = 0; n < Math.min(4, left); n++) await stranger.browser.submit(page, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
    stranger.browser.close()
  }
}

const blocked = { files: { 'policy/blocked-domains.txt': 'trash.example\n' } }

test('nobody signs up with an address of a blocked domain, and whether it has an account is not told', async (t) => {
  const server = await start(t, blocked)
  const { storage } = server.foundation
  const known = 'known@trash.example'
  await storage.identifiers.insert({ id: `email:${known}`, kind: 'email', value: known, accountId: 'a', state: 'active', createdAt: 1 })
  await storage.accounts.insert({ id: 'a', createdAt: 1, userHandle: 'h', identifiers: [{ kind: 'email', value: known, verifiedAt: 1 }], credentialIds: [] })
  const app = await createApp(server.issuer, shop)

  const texts = []
  for (const email of [known, 'other@trash.example', 'below@a.trash.example']) {
    const visitor = createVisitor(server, { email })
    const form = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
    const page = await nothingMade(t, server, () => visitor.browser.submit(form, '/sign-up', { values: { identifier: email } }))
    await refused(t, { server, visitor, page, status: 403, sentence: stopped, nextStep: 'Try another way', error: 'stopped_by_rule' })
    texts.push(page.text.replace(/Reference.*/s, ''))
  }
  t.is(new Set(texts).size, 1)
  t.deepEqual(await server.outbox(), [], 'and nothing is mailed')
  t.deepEqual((await decisions(server, 'sign_up')).map((decision) => [decision.accountId, decision.inputs['domain'], ruled(decision).rules]), [
    [undefined, 'a.trash.example', ['blocked-domain']], [undefined, 'trash.example', ['blocked-domain']], [undefined, 'trash.example', ['blocked-domain']],
  ])
  t.notRegex(JSON.stringify(await storage.rules.query({ limit: 10 })), /known|other|below/)

  const fine = createVisitor(server, { email: 'ada@nottrash.example' })
  t.truthy(await signUpByCode(fine, app))
})

test('nor by way of a sign-in, whose code an address without an account gets too; who has one signs in', async (t) => {
  const server = await start(t, blocked)
  const { storage } = server.foundation
  const visitor = createVisitor(server, { email: 'new@trash.example' })
  const proven = await byCode(server, visitor)
  t.regex(proven.heading, /^Create an account for/)
  const page = await nothingMade(t, server, () => visitor.browser.submit(proven, '/create-account', { button: 'Create account' }))
  t.is(page.heading, stopped)
  t.is(await storage.identifiers.get('email:new@trash.example'), undefined)

  const known = 'known@trash.example'
  await storage.identifiers.insert({ id: `email:${known}`, kind: 'email', value: known, accountId: 'a', state: 'active', createdAt: 1 })
  await storage.accounts.insert({ id: 'a', createdAt: 1, userHandle: 'h', identifiers: [{ kind: 'email', value: known, verifiedAt: 1 }], credentialIds: [] })
  const member = await byCode(server, createVisitor(server, { email: known }))
  t.not(member.heading, stopped)
})

test('while somebody guesses at an account a code is not enough on a strange device; the owner\'s own browser is left alone', async (t) => {
  const server = await start(t)
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, await createApp(server.issuer, shop))
  server.advance(2 * day)

  const calm = await byCode(server, createVisitor(server, { email: owner.email }))
  t.true(calm.elsewhere, `without failures a code is enough: ${calm.heading}`)

  server.advance(day)
  // Only failures of the last hour count; the budget of strangers ends at ten.
  await guess(server, owner.email, 4)
  await guess(server, owner.email, 4)
  const elsewhere = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  const asked = await byCode(server, elsewhere)
  t.is(asked.heading, 'Confirm it is you')
  const [decision] = await decisions(server, 'sign_in')
  t.deepEqual(ruled(decision).rules, ['many-failures'])
  t.deepEqual(ruled(decision).challenge, { acr: 'urn:latchkey:acr:mfa' })
  t.is(decision?.inputs['failures.account'], 8)
  t.true((await elsewhere.usePasskey(asked)).elsewhere, 'the passkey is')

  const home = await byCode(server, owner)
  t.true(home.elsewhere, `the owner signs in by code: ${home.heading}`)
})

test('an account that has nothing but its mailbox is not locked by strangers, but no passkey is offered', async (t) => {
  const server = await start(t)
  const owner = createVisitor(server)
  await signUpByCode(owner, await createApp(server.issuer, shop))
  server.advance(60 * day)
  const offered = await byCode(server, createVisitor(server, { email: owner.email }))
  t.is(offered.heading, 'Sign in faster next time')

  server.advance(60 * day)
  await guess(server, owner.email, 4)
  await guess(server, owner.email, 4)
  const landing = await byCode(server, createVisitor(server, { email: owner.email }))
  t.true(landing.elsewhere, landing.heading)
  t.deepEqual(ruled((await decisions(server, 'prompt'))[0]).rules, ['many-failures-no-offer'])
})

const trusting = { server: { trustedProxies: ['127.0.0.1', '::1'], location: { country: 'X-Country' } } }

test('a device and a network that the account does not know: all addresses are told', async (t) => {
  const server = await start(t, { config: trusting })
  const from = (address: string) => ({ 'x-forwarded-for': address, 'x-country': 'GB' })
  const owner = createVisitor(server, { headers: from('203.0.113.1') })
  await signUpWithPasskey(owner, await createApp(server.issuer, shop))
  server.advance(2 * day)
  const told = async (address: string) => {
    server.advance(minute)
    const visitor = createVisitor(server, { email: owner.email, authenticator: owner.authenticator, headers: from(address) })
    const landing = await visitor.usePasskey(await visitor.arrive(await (await createApp(server.issuer, shop)).authorize()))
    t.true(landing.elsewhere, landing.heading)
    return ruled((await decisions(server, 'sign_in'))[0])
  }
  t.like(await told('203.0.113.1'), { notify: false, rules: [] })
  t.like(await told('198.51.100.7'), { notify: true, rules: ['new-place'] })
  t.like(await told('198.51.100.7'), { notify: false, rules: [] })
  const mails = await server.outbox()
  t.true(mails.some(({ to, subject }) => to === owner.email && /sign/i.test(subject)), mails.map(({ subject }) => subject).join())
})

const abroad = `rules:
  - name: abroad
    on: sign_in
    when: { not: { country: GB } }
    then: deny
    because: Nobody of us is there.
  - name: on-trial
    on: sign_in
    when: { proof: { method: email_otp } }
    then: allow
    because: What would codes be worth?
`

test('a rule of the operator: stopped after the proof, which then counts for nothing', async (t) => {
  const server = await start(t, { config: trusting, files: { 'policy/rules.yaml': abroad } })
  const app = await createApp(server.issuer, shop)
  const home = createVisitor(server, { headers: { 'x-country': 'GB' } })
  await signUpWithPasskey(home, app)
  server.advance(2 * day)

  for (const headers of [{ 'x-country': 'FR' }, {}] as Record<string, string>[]) {
    const traveller = createVisitor(server, { email: home.email, authenticator: home.authenticator, headers })
    const first = await traveller.arrive(await app.authorize())
    // The passkey remembers that it was used.
    const { passkeys: _, ...before } = whatThereIs(server)
    const page = await traveller.usePasskey(first)
    t.like(whatThereIs(server), before)
    await refused(t, { server, visitor: traveller, page, status: 403, sentence: stopped, nextStep: 'Try another way', error: 'stopped_by_rule' })
    const asked = await toCode(server, traveller)
    const again = await nothingMade(t, server, () => traveller.typeCode(asked))
    t.is(again.heading, stopped)
    const base = /^\/interaction\/[^/]+/.exec(asked.url.pathname)?.[0] ?? ''
    t.is((await traveller.browser.open(new URL(base, server.issuer))).heading, 'Sign in', 'from here on it begins anew')
  }
  const landing = await byCode(server, home)
  t.true(landing.elsewhere, landing.heading)
  const [last] = await decisions(server, 'sign_in')
  t.like(ruled(last), { outcome: 'allow', rules: ['on-trial'] })
})

test('a copied device cookie is worth nothing in another kind of browser, or in another country', async (t) => {
  const server = await start(t, { config: trusting })
  const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  const home = { 'user-agent': chrome, 'x-forwarded-for': '203.0.113.1', 'x-country': 'GB' }
  const owner = createVisitor(server, { headers: home })
  await signUpByCode(owner, await createApp(server.issuer, shop))
  server.advance(2 * day)
  const cookie = owner.browser.cookies.all().find(({ name }) => name.includes('device'))

  const recognised = async (headers: Record<string, string>) => {
    const thief = createVisitor(server, { email: owner.email, headers: { ...home, ...headers } })
    thief.browser.cookies.store(new URL(server.issuer), [`${cookie?.name}=${cookie?.value}; Path=/; HttpOnly`])
    await byCode(server, thief)
    return (await decisions(server, 'sign_in'))[0]?.inputs['device.recognised']
  }
  t.true(await recognised({}))
  t.true(await recognised({ 'x-forwarded-for': '203.0.113.99' }), 'on the road')
  t.false(await recognised({ 'x-forwarded-for': '198.51.100.7', 'x-country': 'FR' }))
  t.false(await recognised({ 'x-forwarded-for': '198.51.100.7', 'x-country': 'FR' }), 'nor the next time')
  server.advance(2 * day)
  t.false(await recognised({ 'user-agent': chrome.replace('Windows NT 10.0; Win64; x64', 'X11; Linux x86_64') }))
})

const careful = `rules:
  - name: no-keys-from-strangers
    on: enrolment
    when: { device: { recognised: false }, account: { createdHere: false } }
    then: challenge
    ask: { level: phr }
    because: Only who has a passkey adds another one from a device we do not know.
`

test('where a rule asks for more than there is, no passkey is offered, and none can be made', async (t) => {
  const server = await start(t, { files: { 'policy/rules.yaml': careful } })
  const owner = createVisitor(server)
  await signUpByCode(owner, await createApp(server.issuer, shop))
  server.advance(60 * day)

  const stranger = createVisitor(server, { email: owner.email })
  const landing = await byCode(server, stranger)
  t.true(landing.elsewhere, landing.heading)
  t.deepEqual(ruled((await decisions(server, 'enrolment'))[0]), {
    outcome: 'allow', challenge: { acr: 'phr' }, notify: false, suppressPrompt: false, rules: ['no-keys-from-strangers'],
    explanation: 'Only who has a passkey adds another one from a device we do not know.',
  } as never)

  server.advance(60 * day)
  const home = await byCode(server, owner)
  t.is(home.heading, 'Sign in faster next time', 'their own browser is offered one')
  t.is((await owner.createPasskey(home)).status, 200)
  t.is((await server.foundation.storage.passkeys.listByAccount((await decisions(server, 'enrolment'))[0]?.accountId ?? '')).length, 1)
})

test('a rule that comes between the offer and the passkey is asked again', async (t) => {
  const server = await start(t, { files: { 'policy/rules.yaml': careful } })
  const owner = createVisitor(server)
  await signUpByCode(owner, await createApp(server.issuer, shop))
  server.advance(60 * day)
  const home = await byCode(server, owner)
  const { storage } = server.foundation
  const [device] = await storage.devices.listByDevice((await storage.audit.query({ limit: 1 }))[0]?.deviceHash ?? '')
  await storage.devices.update(device?.id ?? '', (current) => ({ ...current, disownedAt: storage.clock.now() }))
  const page = await owner.createPasskey(home)
  t.is(page.status, 403, page.heading)
  t.deepEqual(await storage.passkeys.listByAccount(device?.accountId ?? ''), [])
})

const vault = { ...shop, client_id: 'vault', client_name: 'Example Vault' }
const staff = { ...shop, client_id: 'staff', client_name: 'Staff only' }
const perApp = `rules:
  - name: vault-needs-passkey
    on: sign_in
    when: { client: vault }
    then: challenge
    ask: { level: phr }
    because: The vault is for passkeys.
  - name: staff-only
    on: sign_in
    when: { client: staff, not: { domain: staff.example } }
    then: deny
    because: Only for us.
`

test('what a rule asks of one app holds for a session of another app too, silently neither', async (t) => {
  const server = await start(t, { clients: [shop, vault, staff], files: { 'policy/rules.yaml': perApp } })
  const [atShop, atVault, atStaff] = await Promise.all([shop, vault, staff].map((client) => createApp(server.issuer, client)))
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, atShop!)
  server.advance(2 * day)
  const visitor = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  t.true((await byCode(server, visitor)).elsewhere, 'signed in by code at an app without rules')

  t.is((await visitor.arrive(await atVault!.authorize({ prompt: 'none' }))).url.searchParams.get('error'), 'login_required')
  const authorization = await atVault!.authorize()
  const asked = await visitor.arrive(authorization)
  t.is(asked.heading, 'Confirm it is you')
  t.deepEqual(ruled((await decisions(server, 'sign_in'))[0]).rules, ['vault-needs-passkey'])
  t.is((await authorization.finish((await visitor.usePasskey(asked)).url)).claims()?.['acr'], 'phr')
  t.true((await visitor.arrive(await atVault!.authorize({ prompt: 'none' }))).url.searchParams.has('code'), 'with the passkey it is a session there')
  t.true((await visitor.arrive(await atShop!.authorize({ prompt: 'none' }))).url.searchParams.has('code'), 'as it was all the time where nothing is asked')

  t.is((await visitor.arrive(await atStaff!.authorize({ prompt: 'none' }))).url.searchParams.get('error'), 'login_required')
  const closed = await visitor.arrive(await atStaff!.authorize())
  t.is(closed.heading, 'Sign in', 'whoever else there is may come in')
  const page = await visitor.usePasskey(closed)
  await refused(t, { server, visitor, page, status: 403, sentence: stopped, nextStep: 'Try another way', error: 'stopped_by_rule' })
  t.true((await visitor.arrive(await atShop!.authorize({ prompt: 'none' }))).url.searchParams.has('code'), 'and nothing is lost elsewhere')
})

const mailToo = `rules:
  - name: mail-too
    on: sign_in
    when: { proof: { method: [passkey, email_otp] } }
    then: challenge
    ask: { methods: [email_otp] }
    because: Whoever signs in here reads their mail.
`

for (const first of ['the address', 'the passkey']) {
  test(`a rule that asks for a code after a passkey gets it once, and the passkey still counts: ${first} first`, async (t) => {
    const server = await start(t, { files: { 'policy/rules.yaml': mailToo } })
    const app = await createApp(server.issuer, shop)
    const owner = createVisitor(server)
    const sub = await signUpByCode(owner, app)
    await server.foundation.storage.accounts.update(sub, (account) => ({ ...account, createdAt: account.createdAt - 60 * day }))
    server.advance(60 * day)
    const made = await owner.createPasskey(await byCode(server, owner))
    await owner.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })
    server.advance(2 * day)
    await owner.ignoreMail()

    const authorization = await app.authorize({ prompt: 'login' })
    const arrived = await owner.arrive(authorization)
    const asked = await owner.usePasskey(first === 'the address' ? await owner.typeEmail(arrived) : arrived)
    t.is(asked.heading, 'Confirm it is you')
    const sent = await owner.browser.submit(asked, '/methods', { button: `Send a code to ${owner.email}` })
    const landing = await owner.typeCode(sent)
    const claims = (await authorization.finish(landing.url)).claims()
    t.is(claims?.['acr'], 'phr', 'what the passkey reached')
    t.is(claims?.sub, sub)
  })
}
