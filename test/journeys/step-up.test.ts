/** What a session has against each way to ask for more, over our own pages: who did what was asked is at the app, at once. */
import test from 'ava'
import * as jose from 'jose'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { signUpByCode, signUpWithPasskey } from '../bad-input/refused.ts'

const api = 'https://api.example.com'
const like = (id: string, latchkey: object, metadata: object = {}) => ({ ...shop, client_id: id, ...metadata, latchkey: { firstParty: true, ...latchkey } })
const clients = [
  shop,
  like('bank', { minimumAcr: 'phr' }),
  like('vault', { alwaysReauthenticate: true }),
  like('strict-vault', { alwaysReauthenticate: true, minimumAcr: 'phr' }),
  like('keys', { methods: ['passkey'] }),
  like('codes', { methods: ['email_otp'] }),
  like('club', {}, { default_acr_values: ['phr'] }),
]

let server: InProcess
const apps: Record<string, App> = {}
test.before(async () => {
  server = await startInProcess({ clients, config: { resources: { [api]: { scopes: ['read'] } } } })
  for (const client of clients) apps[client.client_id] = await createApp(server.issuer, client)
})
test.after.always(() => server?.dispose())

/** Somebody signed in at the shop, and what the person has. */
const sessions = {
  /** no passkey */
  async code() {
    const visitor = createVisitor(server)
    await signUpByCode(visitor, apps['shop']!)
    return visitor
  },
  /** and the passkey lies beside it */
  async codeBesidePasskey() {
    const owner = createVisitor(server)
    await signUpWithPasskey(owner, apps['shop']!)
    const visitor = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
    await visitor.ignoreMail()
    await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(await apps['shop']!.authorize())))
    return visitor
  },
  async passkey() {
    const owner = createVisitor(server)
    await signUpWithPasskey(owner, apps['shop']!)
    const visitor = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
    await visitor.usePasskey(await visitor.arrive(await apps['shop']!.authorize()))
    return visitor
  },
}

/** What the person does at the page that asks; undefined: no page does. */
type Deed = (visitor: Visitor, page: Page) => Promise<Page>
const usesPasskey: Deed = (visitor, page) => visitor.usePasskey(page)

/** By the button for it, or behind "Try another way". */
const typesCode: Deed = async (visitor, page) => {
  await visitor.ignoreMail()
  if (page.heading === 'Sign in') page = await visitor.typeEmail(page)
  const wayTo = ({ forms }: Page) => forms.find(({ action, values }) => action.endsWith('/methods') && values['method'] === 'email_otp')
  if (page.heading !== 'Check your email') {
    const ways = wayTo(page) ? page : await visitor.browser.open(page.links.find(({ href }) => href.endsWith('/methods'))?.href ?? '')
    page = await visitor.browser.submit(ways, wayTo(ways)!)
  }
  return visitor.typeCode(page)
}

const makesAndUsesPasskey: Deed = async (visitor, page) => {
  if (!page.heading?.includes('needs a passkey')) page = await typesCode(visitor, page)
  const made = await visitor.createPasskey(await visitor.browser.submit(page, '/passkey-create', { button: 'Create a passkey' }))
  return visitor.usePasskey(await visitor.browser.submit(made, '/passkey-create'))
}

const single = 'urn:latchkey:acr:1fa'
const claim = (request: object) => ({ claims: JSON.stringify({ id_token: { acr: request } }) })
type Row = [app: string, parameters: Record<string, string>, expected: { [session in keyof typeof sessions]: [Deed | undefined, acr: string] }]

const stronger: Row[2] = { code: [makesAndUsesPasskey, 'phr'], codeBesidePasskey: [usesPasskey, 'phr'], passkey: [undefined, 'phr'] }
const anew: Row[2] = { code: [typesCode, single], codeBesidePasskey: [usesPasskey, 'phr'], passkey: [usesPasskey, 'phr'] }
const anewByCode: Row[2] = { code: [typesCode, single], codeBesidePasskey: [typesCode, single], passkey: [typesCode, single] }
const strongAnew: Row[2] = { code: [makesAndUsesPasskey, 'phr'], codeBesidePasskey: [usesPasskey, 'phr'], passkey: [usesPasskey, 'phr'] }
const asBefore: Row[2] = { code: [undefined, single], codeBesidePasskey: [undefined, single], passkey: [undefined, 'phr'] }

const table: Record<string, Row> = {
  'nothing': ['shop', {}, asBefore],
  'acr_values=phr': ['shop', { acr_values: 'phr' }, stronger],
  'acr_values, any of two': ['shop', { acr_values: `phr ${single}` }, { ...asBefore, passkey: [undefined, 'phr'] }],
  'acr_values=phrh, which nothing reaches': ['shop', { acr_values: 'phrh' }, asBefore],
  'acr_values=phrh phr: a passkey in software is none in hardware': ['shop', { acr_values: 'phrh phr' }, stronger],
  'acr_values=1fa': ['shop', { acr_values: single }, { ...asBefore, passkey: [undefined, single] }],
  'an essential value': ['shop', claim({ essential: true, value: 'phr' }), stronger],
  'essential values': ['shop', claim({ essential: true, values: ['phrh', 'phr'] }), stronger],
  'the minimum of the app': ['bank', {}, stronger],
  'the default of the app': ['club', {}, stronger],
  'an app that takes passkeys alone': ['keys', {}, stronger],
  'an app that takes codes alone': ['codes', {}, { ...asBefore, passkey: [typesCode, single] }],
  'max_age=0': ['shop', { max_age: '0' }, anew],
  'max_age=0, by code': ['codes', { max_age: '0' }, anewByCode],
  'max_age=3600': ['shop', { max_age: '3600' }, asBefore],
  'prompt=login, by code': ['shop', { prompt: 'login' }, anewByCode],
  'an app that always asks anew': ['vault', {}, anew],
  'max_age=0 and acr_values=phr': ['shop', { max_age: '0', acr_values: 'phr' }, strongAnew],
  'prompt=login and an essential value': ['shop', { prompt: 'login', ...claim({ essential: true, value: 'phr' }) }, strongAnew],
  'always anew, and a minimum': ['strict-vault', {}, strongAnew],
}

for (const [title, [appName, parameters, expected]] of Object.entries(table)) {
  test.serial(title, async (t) => {
    for (const [session, [deed, acr]] of Object.entries(expected) as [keyof typeof sessions, [Deed | undefined, string]][]) {
      const visitor = await sessions[session]()
      const begun = visitor.browser.visits.length
      const { url, finish } = await apps[appName]!.authorize({ ...parameters, resource: api, scope: 'openid email read' })
      const page = await visitor.browser.open(url, { headers: { 'sec-fetch-site': 'cross-site' } })
      t.is(page.elsewhere, deed === undefined, `${session}: asked at ${page.heading}`)
      if (page.elsewhere === (deed !== undefined)) continue
      // OpenID Connect Core 3.1.2.1: max_age=0 is prompt=login
      const whoever = parameters['prompt'] === 'login' || parameters['max_age'] === '0'
      if (deed) t.is(page.heading === 'Sign in', whoever, `${session}: ${page.heading}`)
      const landing = deed ? await deed(visitor, page) : page
      t.true(landing.elsewhere, `${session}: at the app, not at ${landing.heading}`)
      const stops = new Set(visitor.browser.visits.slice(begun).flatMap(({ url: { pathname } }) => /^\/interaction\/([\w-]+)/.exec(pathname)?.[1] ?? []))
      t.is(stops.size, deed ? 1 : 0, `${session}: interactions`)

      const tokens = await finish(landing.url, { resource: api })
      const claims = tokens.claims()!
      t.is(claims['acr'], acr, session)
      t.like(jose.decodeJwt(tokens.access_token), { acr, auth_time: claims['auth_time'] }, session)
    }
  })
}
