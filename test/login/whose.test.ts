/** Whose an address is that was proven, when somebody else reserved it, proved it first, or corrects it: what the person gets. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { notMeLink } from '../account/rig.ts'
import { createNewcomer, type Newcomer, tokensAfter } from './newcomer.ts'

/** lets people in before they have proven anything */
const bank = { ...shop, client_id: 'bank', client_name: 'Example Bank', redirect_uris: ['http://localhost:8/bank'], latchkey: { firstParty: true, verification: { strategy: 'before_first_login' } } }
/** … but for their address */
const club = { ...bank, client_id: 'club', client_name: 'Example Club', redirect_uris: ['http://localhost:8/club'], latchkey: { firstParty: true, verification: { strategy: { email: 'at_sign_up', phone: 'before_first_login' } } } }

interface World {
  server: InProcess
  apps: Record<'shop' | 'bank' | 'club', App>
  identifiersOf(sub?: string): Promise<string[]>
}

async function start(t: ExecutionContext): Promise<World> {
  const optional = { signIn: true, signUp: 'optional' }
  const server = await startInProcess({
    config: { identifiers: { email: { signIn: true, signUp: 'required' }, phone: { ...optional, defaultRegion: 'GB' }, username: optional }, verification: { strategy: 'at_sign_up' } },
    clients: [shop, bank, club],
  })
  t.teardown(server.dispose)
  return {
    server,
    apps: { shop: await createApp(server.issuer, shop), bank: await createApp(server.issuer, bank), club: await createApp(server.issuer, club) },
    identifiersOf: async (sub = '') =>
      ((await server.foundation.storage.accounts.get(sub))?.identifiers ?? []).map(({ kind, value, verifiedAt }) => `${kind} ${value}${verifiedAt === undefined ? '' : ' proven'}`),
  }
}

const [number, other] = ['+447911125011', '+447911125099']

/** Somebody signs up with an address and proves nothing. */
async function reserve({ server, apps }: World, email: string): Promise<string> {
  const stranger = createNewcomer(server)
  const authorization = await apps.bank.authorize()
  return (await tokensAfter(stranger, authorization, await stranger.fill(authorization, { email }))).claims()!.sub
}

async function begin({ server, apps }: World, app: keyof World['apps'], values: Record<string, string>) {
  const newcomer: Newcomer = createNewcomer(server)
  const authorization = await apps[app].authorize()
  const page = await newcomer.fill(authorization, values)
  return { newcomer, authorization, page }
}

test('a sign-up that takes over an address keeps the name that was chosen with it', async (t) => {
  const world = await start(t)
  const theirs = await reserve(world, 'maya@example.com')
  const { newcomer, authorization, page } = await begin(world, 'shop', { email: 'maya@example.com', username: 'maya' })
  const { sub } = (await tokensAfter(newcomer, authorization, await newcomer.prove(page, 'maya@example.com'))).claims()!
  t.not(sub, theirs)
  t.deepEqual(await world.identifiersOf(sub), ['email maya@example.com proven', 'username maya'])
  t.deepEqual(await world.identifiersOf(theirs), [])
})

test('a sign-up that takes over an address proves the number that was typed with it first, as every other', async (t) => {
  const world = await start(t)
  const theirs = await reserve(world, 'maya@example.com')
  const { newcomer, authorization, page } = await begin(world, 'shop', { email: 'maya@example.com', phone: number })
  const second = await newcomer.prove(page, 'maya@example.com')
  t.regex(second.url.pathname, /sms-otp$/)
  t.deepEqual(await world.identifiersOf(theirs), ['email maya@example.com'], 'nothing is taken before there is an account to take it')
  const { sub } = (await tokensAfter(newcomer, authorization, await newcomer.prove(second, number))).claims()!
  t.not(sub, theirs)
  t.deepEqual(await world.identifiersOf(sub), ['email maya@example.com proven', `phone ${number} proven`])
  t.deepEqual(await world.identifiersOf(theirs), [])
})

test('an address that is reserved between its proof and that of the number: it is taken over, and the number is kept', async (t) => {
  const world = await start(t)
  const { newcomer, authorization, page } = await begin(world, 'shop', { email: 'maya@example.com', phone: number, username: 'maya' })
  const second = await newcomer.prove(page, 'maya@example.com')
  t.regex(second.url.pathname, /sms-otp$/)
  const theirs = await reserve(world, 'maya@example.com')
  const { sub } = (await tokensAfter(newcomer, authorization, await newcomer.prove(second, number))).claims()!
  t.not(sub, theirs)
  t.deepEqual(await world.identifiersOf(sub), ['email maya@example.com proven', `phone ${number} proven`, 'username maya'])
})

test('of two browsers that prove one address on the way of a sign-up one makes the account, and the other is in it', async (t) => {
  const world = await start(t)
  const late = await begin(world, 'shop', { email: 'maya@example.com', phone: number })
  const waiting = await late.newcomer.prove(late.page, 'maya@example.com')
  const first = await begin(world, 'shop', { email: 'maya@example.com' })
  const { sub } = (await tokensAfter(first.newcomer, first.authorization, await first.newcomer.prove(first.page, 'maya@example.com'))).claims()!

  const told = await late.newcomer.prove(waiting, number)
  t.is(told.heading, 'You already have an account')
  const entered = await late.newcomer.browser.submit(told, '/account-exists')
  t.is((await tokensAfter(late.newcomer, late.authorization, entered)).claims()?.sub, sub)
  t.deepEqual(await world.identifiersOf(sub), ['email maya@example.com proven'])
  t.is(await world.server.foundation.storage.identifiers.get(`phone:${number}`).then((found) => found?.state === 'active'), false)
})

test('a number that is put right at a sign-in is told to the address, and can be stopped from there', async (t) => {
  const world = await start(t)
  const { newcomer, authorization, page } = await begin(world, 'club', { email: 'maya@example.com', phone: number })
  const { sub } = (await tokensAfter(newcomer, authorization, await newcomer.prove(page, 'maya@example.com'))).claims()!
  const again = await world.apps.club.authorize()
  const asked = await newcomer.arrive(again)
  t.is(asked.heading, 'Confirm your mobile number')
  const form = await newcomer.browser.open(new URL(`${asked.url.pathname}?correct`, asked.url))
  const code = await newcomer.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: other } })
  const before = (await world.server.outbox()).filter(({ to }) => to === 'maya@example.com').length
  await newcomer.prove(code, other)
  t.deepEqual(await world.identifiersOf(sub), ['email maya@example.com proven', `phone ${other} proven`])

  const mails = (await world.server.outbox()).filter(({ to }) => to === 'maya@example.com')
  t.is(mails.length, before + 1)
  t.regex(mails[0]!.text, /^\+44\s7911\s125099 was added/)
  const { storage } = world.server.foundation
  t.deepEqual((await storage.changes.listByAccount(sub)).map(({ kind, subject }) => `${kind} ${subject}`), [`identifier_added phone:${other}`])
  t.true((await storage.audit.query({ accountId: sub, limit: 50 })).some(({ type }) => type === 'identifier.corrected'))

  const reader = createNewcomer(world.server).browser
  const link = notMeLink(mails[0]!)
  await reader.submit(await reader.open(link), new URL(link).pathname, { button: 'No, stop it' })
  t.false((await world.identifiersOf(sub)).some((one) => one.includes(other)))
  t.truthy((await storage.accounts.get(sub))?.frozen)
})
