/** Which passkeys count at an app that takes none of other devices: somebody whose only one is on a phone signs in otherwise, and keeps it. */
import test from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { signUpWithPasskey } from '../bad-input/refused.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** `phones` prefers those of other devices, `here…` take none of them. */
const clients = {
  server: shop,
  phones: { ...shop, client_id: 'phones', latchkey: { firstParty: true, passkeys: { crossDevice: 'maximize' } } },
  hereBlocks: { ...shop, client_id: 'here-blocks', latchkey: { firstParty: true, assurance: { downgrade: 'block' }, passkeys: { crossDevice: 'minimize' } } },
  hereSteps: { ...shop, client_id: 'here-steps', latchkey: { firstParty: true, assurance: { downgrade: 'step_up' }, passkeys: { crossDevice: 'minimize' } } },
  hereNotes: { ...shop, client_id: 'here-notes', latchkey: { firstParty: true, assurance: { downgrade: 'notify' }, passkeys: { crossDevice: 'minimize' } } },
  hereStrict: { ...shop, client_id: 'here-strict', client_name: 'Strict Shop', latchkey: { firstParty: true, minimumAcr: 'phr', passkeys: { crossDevice: 'minimize' } } },
}
const takesNoOthers = ['hereBlocks', 'hereSteps', 'hereNotes'] as const

let server: InProcess
const apps = {} as Record<keyof typeof clients, App>

test.before(async () => {
  server = await startInProcess({ clients: Object.values(clients), config: { assurance: { downgrade: 'block' } } })
  for (const [name, client] of Object.entries(clients)) apps[name as keyof typeof clients] = await createApp(server.issuer, client)
})
test.after.always(() => server?.dispose())

const phone = () => createAuthenticator({ attachment: 'cross-platform', transports: ['hybrid'] })
const laptop = () => createAuthenticator({ attachment: 'platform', transports: ['internal', 'hybrid'] })

/** Somebody who has had an account with one passkey for a while, now at a browser that has never been used for it. */
async function holder(authenticator: Visitor['authenticator'], app: App): Promise<Visitor> {
  const visitor = createVisitor(server, { authenticator })
  await signUpWithPasskey(visitor, app)
  server.advance(2 * day)
  return createVisitor(server, { email: visitor.email, authenticator })
}
const phoneHolder = () => holder(phone(), apps.phones)
const laptopHolder = () => holder(laptop(), apps.server)

async function byCode(visitor: Visitor, authorization: { url: URL }): Promise<Page> {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  return visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization as never)))
}

const accountOf = async ({ email }: Visitor) => {
  const { accountId = '' } = (await server.foundation.storage.identifiers.get(`email:${email}`)) ?? {}
  return (await server.foundation.storage.accounts.get(accountId))!
}
const entriesOf = async (visitor: Visitor, type: string) =>
  (await server.foundation.storage.audit.query({ accountId: (await accountOf(visitor)).id, limit: 100 })).filter((entry) => entry.type === type)

async function acrOf(authorization: Awaited<ReturnType<App['authorize']>>, landing: Page) {
  return (await authorization.finish(landing.url)).claims()?.['acr']
}

/** Signs in with the phone, and makes no passkey here. */
async function byPhone(visitor: Visitor, page: Page): Promise<Page> {
  const offered = await visitor.usePasskey(page)
  return visitor.browser.submit(offered, '/passkey-create', { button: 'Not now' })
}

test.serial('a code of somebody whose only passkey is on a phone is no weaker way, however strict the app is, and the passkey stays', async (t) => {
  for (const name of takesNoOthers) {
    const visitor = await phoneHolder()
    const authorization = await apps[name].authorize()
    t.is(await acrOf(authorization, await byCode(visitor, authorization)), 'urn:latchkey:acr:1fa', name)
    t.is((await entriesOf(visitor, 'sign_in.refused')).length, 0, name)
    t.is((await entriesOf(visitor, 'downgrade.notified')).length, 0, name)

    t.is((await accountOf(visitor)).credentialIds.length, 1)
    const again = await apps.server.authorize({ prompt: 'login' })
    t.is(await acrOf(again, await byPhone(visitor, await visitor.arrive(again))), 'phr', 'it works where it is taken')
  }
})

test.serial('the same code is a weaker way where the passkey could have been used', async (t) => {
  const atServer = await byCode(await phoneHolder(), await apps.server.authorize())
  t.is(atServer.heading, 'Use your passkey here')
  const ofLaptop = await laptopHolder()
  t.is((await byCode(ofLaptop, await apps.hereBlocks.authorize())).heading, 'Use your passkey here')
  t.is((await byCode(await laptopHolder(), await apps.hereSteps.authorize())).heading, 'Confirm it is you')
})

test.serial('one of two that works here is enough to make a code the weaker way', async (t) => {
  const visitor = await phoneHolder()
  const { id, credentialIds } = await accountOf(visitor)
  const { passkeys, accounts } = server.foundation.storage
  const onPhone = (await passkeys.get(credentialIds[0]!))!
  await passkeys.insert({ ...onPhone, id: `laptop of ${id}`, transports: ['internal'], attachment: 'platform' })
  await accounts.update(id, (account) => ({ ...account, credentialIds: [...account.credentialIds, `laptop of ${id}`] }))
  const page = await byCode(visitor, await apps.hereBlocks.authorize())
  t.is(page.heading, 'Use your passkey here')
  const asked = JSON.parse(page.passkeyForm('get').data['options'] ?? '{}') as { allowCredentials: { id: string; transports: string[] }[]; hints: string[] }
  t.deepEqual(asked.allowCredentials.map(({ transports, id: of }) => [of, transports]), [[`laptop of ${id}`, ['internal']]])
  t.deepEqual(asked.hints, ['client-device'])
})

test.serial('a session by such a code is one at apps alike, and none where the passkey could have been used', async (t) => {
  const visitor = await phoneHolder()
  const first = await apps.hereBlocks.authorize()
  await first.finish((await byCode(visitor, first)).url)
  t.true((await visitor.arrive(await apps.hereNotes.authorize({ prompt: 'none' }))).url.searchParams.has('code'))
  t.is((await visitor.arrive(await apps.server.authorize({ prompt: 'none' }))).url.searchParams.get('error'), 'login_required')
  const authorization = await apps.server.authorize()
  const page = await visitor.arrive(authorization)
  t.is(page.heading, 'Use your passkey here')
  t.is(await acrOf(authorization, await byPhone(visitor, page)), 'phr')
  t.true((await visitor.arrive(await apps.hereBlocks.authorize({ prompt: 'none' }))).url.searchParams.has('code'))
})

/** the ways that a page, and the list behind it, name */
async function waysFrom(visitor: Visitor, page: Page): Promise<string> {
  const link = page.links.find(({ href }) => href.endsWith('/methods'))
  return link ? `${page.text} ${(await visitor.browser.open(new URL(link.href, page.url))).text}` : page.text
}

test.serial('who is known is asked for no passkey that is not taken', async (t) => {
  const visitor = await phoneHolder()
  const first = await apps.hereNotes.authorize()
  await first.finish((await byCode(visitor, first)).url)
  server.advance(10 * minute)
  const page = await visitor.arrive(await apps.hereNotes.authorize({ max_age: '1' }))
  t.is(page.heading, 'Confirm it is you')
  const named = await waysFrom(visitor, page)
  t.regex(named, /Send a code|Code by email/)
  t.notRegex(named, /with a passkey|Passkey on/)
})

test.serial('an app that takes passkeys alone: the phone is used once, as before any change, and then one is made here', async (t) => {
  const visitor = await phoneHolder()
  const authorization = await apps.hereStrict.authorize()
  const page = await byCode(visitor, authorization)
  const screen = await visitor.browser.submit(page, page.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Use my phone or a security key'))!)
  t.is(screen.heading, 'Use another device')
  const offered = await visitor.usePasskey(screen)
  t.is(offered.heading, 'No phone next time?')
  t.is((await accountOf(visitor)).credentialIds.length, 1)
})

test.serial('a sign-in with a passkey reads no list of passkeys, also where some do not count', async (t) => {
  const reads: string[] = []
  const { passkeys } = server.foundation.storage
  const { listByAccount } = passkeys
  passkeys.listByAccount = async (id) => {
    reads.push(id)
    return listByAccount(id)
  }
  t.teardown(() => void (passkeys.listByAccount = listByAccount))
  for (const name of ['hereBlocks', 'server'] as const) {
    const visitor = await laptopHolder()
    reads.length = 0
    const authorization = await apps[name].authorize()
    const landing = await visitor.usePasskey(await visitor.arrive(authorization))
    t.is(await acrOf(authorization, landing), 'phr')
    t.deepEqual(reads, [], name)
  }
})

test.serial('what was disowned still counts: a frozen passkey does not turn a code into the only way', async (t) => {
  const visitor = await laptopHolder()
  const { id, credentialIds } = await accountOf(visitor)
  const { accounts, passkeys, clock } = server.foundation.storage
  const at = clock.now()
  await passkeys.update(credentialIds[0]!, (passkey) => ({ ...passkey, frozenAt: at }))
  await accounts.update(id, (account) => ({ ...account, credentialIds: [], frozen: { at, since: at - day, changeIds: ['change'], passkey: true } }))
  t.is((await byCode(visitor, await apps.hereBlocks.authorize())).heading, 'A code alone is not enough here')
})

test.serial('before anything is proven the pages are the same for whoever has a phone, a laptop or nothing', async (t) => {
  const people = [await phoneHolder(), await laptopHolder(), createVisitor(server)]
  const pages = []
  for (const visitor of people) {
    const browser = createVisitor(server, { email: visitor.email })
    const page = await browser.typeEmail(await browser.arrive(await apps.hereBlocks.authorize()))
    pages.push(page.text.replaceAll(visitor.email, 'somebody'))
  }
  t.is(new Set(pages).size, 1)
})
