/**
 * Every level that a session can have, against every level that can be asked for, in every way to ask. What must come of
 * a cell is worked out below from the words of the design alone, without the code under test.
 */
import test from 'ava'
import * as jose from 'jose'
import type { ClientConfig } from '../../src/config/schema.ts'
import type { Method } from '../../src/policy/types.ts'
import { hashId } from '../../src/secrets/keyring.ts'
import type { App } from '../helpers/app.ts'
import { basic, client, post, startRig, type Rig } from './harness.ts'

const urn = (name: string) => `urn:latchkey:acr:${name}`
/** weakest first; nothing reaches the last one */
const ladder = [urn('recovery'), urn('1fa'), urn('mfa'), 'phr', 'phrh'] as const
const rungOf = (acr: string) => (acr === 'phrh' ? -1 : ladder.indexOf(acr as 'phr'))

/** What a session holds, or a person does when asked: its methods, its rung, and how it is told. */
interface Level { methods: Method[]; usablePasskey?: boolean; rung: number; amr: (target: number) => string[] }
const levels = {
  none: { methods: [], rung: -1, amr: () => [] },
  recovery: { methods: ['recovery_code'], rung: 0, amr: () => ['otp'] },
  code: { methods: ['email_otp'], rung: 1, amr: () => ['otp'] },
  codesBesidePasskey: { methods: ['email_otp', 'totp'], usablePasskey: true, rung: 1, amr: () => ['otp'] },
  twoKinds: { methods: ['email_otp', 'totp'], rung: 2, amr: (target) => (target > 1 ? ['otp', 'mfa'] : ['otp']) },
  passkey: { methods: ['passkey'], rung: 3, amr: () => ['pop', 'user', 'mfa'] },
} satisfies Record<string, Level>
type LevelName = keyof typeof levels

/** How a request asks for levels: `demanded` = answering with less is an error. */
interface Asking {
  acr?: string[]
  /** `default`: the client's metadata, `floor`: its setting */
  by?: 'acr_values' | 'default' | 'claim' | 'essential_value' | 'essential_values' | 'floor'
  floor?: string
  /** how old a proof may be: seconds, or made for this request */
  maxAge?: number
  freshBy?: 'max_age' | 'default_max_age' | 'maximumAge' | 'prompt' | 'alwaysReauthenticate'
  methods?: Method[]
  silent?: boolean
}
interface Cell { before: LevelName; /** seconds since it was proven */ age: number; asking: Asking; does: LevelName }
interface Outcome { stops: number; error?: string; acr?: string; amr?: string[]; since?: 'before' | 'now' }

/** DESIGN: what must come of it. */
function expected({ before, age, asking, does }: Cell): Outcome {
  const { acr = [], by, maxAge = Infinity, silent = false } = asking
  const counts = (level: LevelName, old: number) => {
    const { methods, rung } = levels[level]
    const counting = methods.filter((method) => asking.methods?.includes(method) ?? true)
    if (old >= maxAge || counting.length === 0) return -1
    return counting.length < methods.length ? 1 : rung // one kind of two
  }
  const floor = asking.floor === undefined ? 0 : rungOf(asking.floor)
  const wanted = acr.map(rungOf).filter((rung) => rung >= 0)
  const essential = by === 'essential_value' || by === 'essential_values'
  if (essential && wanted.length === 0) return { stops: 0, error: 'unmet_authentication_requirements' }
  const wish = Math.max(floor, wanted.length > 0 ? Math.min(...wanted) : 0)
  const demand = essential ? wish : floor

  const held = counts(before, age)
  const asked = !silent && held < wish
  if (silent && held < demand) return { stops: 0, error: 'login_required' }
  const done = asked ? counts(does, -1) : -1 // made after the request
  const own = Math.max(held, done)
  const stops = asked ? 1 : 0
  if (own < demand) return { stops, error: 'unmet_authentication_requirements' }

  const answered = acr.find((one) => rungOf(one) >= 0 && rungOf(one) <= own) ?? ladder[own]!
  const target = Math.max(rungOf(answered), floor)
  const byNew = done >= target
  return { stops, acr: answered, amr: levels[byNew ? does : before].amr(target).toSorted(), since: byNew ? 'now' : 'before' }
}

const api = 'https://api.example.com/'
/** it is told the `sid` */
const other = client('other', { backchannel_logout_uri: 'http://localhost:8/logout', backchannel_logout_session_required: true })
/** it needs the person's consent */
const guest = client('guest', { latchkey: { firstParty: false } })
let rig: Rig
const apps = new Map<string, { app: App; config: ClientConfig }>()

/** The client that asks in the ways that are not part of a request. */
function clientFor({ acr = [], by, floor, maxAge, freshBy, methods }: Asking): ClientConfig {
  const defaults = { ...(by === 'default' && { default_acr_values: acr }), ...(freshBy === 'default_max_age' && { default_max_age: maxAge }) }
  const latchkey = {
    ...(floor && { minimumAcr: floor as 'phr' }),
    ...(methods && { methods: methods as ['passkey'] }),
    ...(freshBy === 'maximumAge' && { maximumAge: maxAge! }),
    ...(freshBy === 'alwaysReauthenticate' && { alwaysReauthenticate: true }),
  }
  return client(`c${hashId(JSON.stringify([defaults, latchkey])).slice(0, 12)}`, { ...defaults, latchkey })
}

function parametersOf({ acr = [], by, maxAge, freshBy, silent }: Asking): Record<string, string> {
  const claim = (request: object) => ({ claims: JSON.stringify({ id_token: { acr: request } }) })
  const prompt = [silent && 'none', freshBy === 'prompt' && 'login'].filter(Boolean).join(' ')
  return {
    ...(by === 'acr_values' && { acr_values: acr.join(' ') }),
    ...(by === 'claim' && claim({ values: acr })),
    ...(by === 'essential_value' && claim({ essential: true, value: acr[0] })),
    ...(by === 'essential_values' && claim({ essential: true, values: acr })),
    ...(freshBy === 'max_age' && { max_age: String(maxAge) }),
    ...(prompt && { prompt }),
  }
}

const proofsOf = (level: LevelName, at: number) =>
  levels[level].methods.map((method) => rig.proof(method, { at, usablePasskey: 'usablePasskey' in levels[level] }))

/** One session in one browser, asked once. Says what is wrong with it, if anything. */
async function run(cell: Cell, index: number): Promise<string[]> {
  const { app, config } = apps.get(clientFor(cell.asking).client_id)!
  const browser = rig.browser()
  const provenAt = Date.now() - cell.age * 1000
  const answerWith = (level: LevelName, at?: number) => {
    rig.answer = (request, { interactions }) => interactions.finishLogin(request, { accountId: 'ada', proofs: proofsOf(level, at ?? Date.now()) })
  }
  const sessionId = () => browser.cookies.all().find(({ name }) => name === 'latchkey_session')?.value
  const stored = async (id = sessionId()) => id === undefined ? undefined : (await rig.storage.artifacts.find('Session', hashId(`Session:${id}`))) as { uid: string; authorizations: Record<string, unknown> } | undefined

  if (cell.before !== 'none') {
    answerWith(cell.before, provenAt)
    await rig.authorize(apps.get('other')!.app, { browser })
  }
  const [idBefore, sessionBefore] = [sessionId(), await stored()]
  rig.stops.length = 0
  answerWith(cell.does)
  const askedAt = Math.floor(Date.now() / 1000)
  const jwt = index % 2 === 0
  const resource: Record<string, string> = jwt ? { resource: api } : {}
  const { url, finish } = await app.authorize({ ...parametersOf(cell.asking), ...resource, ...(jwt && { scope: 'openid api.read' }) })
  const page = await browser.open(url)

  const want = expected(cell)
  const problems: string[] = []
  const check = (what: string, is: unknown, wanted: unknown) => {
    if (JSON.stringify(is) !== JSON.stringify(wanted)) problems.push(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`)
  }
  check('stops', rig.stops.length, want.stops)
  check('error', page.url.searchParams.get('error') ?? undefined, want.error)
  if (want.stops > 0 && idBefore !== undefined) {
    check('another session id', sessionId() === idBefore, false)
    check('the old id is gone', await stored(idBefore), undefined)
  }
  const sessionAfter = await stored()
  if (sessionBefore) {
    check('the session itself', sessionAfter?.uid, sessionBefore.uid)
    check('what other apps have of it', sessionAfter?.authorizations['other'], sessionBefore.authorizations['other'])
  }
  if (want.error !== undefined || problems.length > 0) return problems

  const tokens = await finish(page.url, resource)
  const claims = tokens.claims()!
  const since = Number(claims['auth_time'])
  check('acr', claims['acr'], want.acr)
  check('amr', (claims['amr'] as string[]).toSorted(), want.amr)
  if (want.since === 'before') check('auth_time', since, Math.floor(provenAt / 1000))
  else check('auth_time is of now', since >= askedAt && since <= Date.now() / 1000, true)
  const said = jwt
    ? jose.decodeJwt(tokens.access_token)
    : ((await (await post(`${rig.issuer}/token/introspection`, { token: tokens.access_token }, basic(config))).json()) as jose.JWTPayload)
  check('access token', [said['acr'], said['auth_time']], [want.acr, since])
  return problems
}

const silence = [false, true]
const names = Object.keys(levels) as LevelName[]
/** people do what is asked, or give no more than a code */
const doings = ({ acr = [], floor }: Asking): LevelName[] => {
  const wanted = acr.map(rungOf).filter((rung) => rung >= 0)
  const wish = Math.max(floor === undefined ? 0 : rungOf(floor), wanted.length > 0 ? Math.min(...wanted) : 1)
  const willDo: LevelName = wish > 2 ? 'passkey' : wish > 1 ? 'twoKinds' : wish > 0 ? 'code' : 'recovery'
  return willDo === 'code' ? ['code'] : [willDo, 'code']
}
const cells = (askings: Asking[], ages: number[]): Cell[] =>
  askings.flatMap((asking) => silence.flatMap((silent) =>
    names.flatMap((before) => (before === 'none' ? ages.slice(0, 1) : ages).flatMap((age) =>
      (silent ? (['none'] as const) : doings(asking)).map((does) => ({ before, age, asking: { ...asking, silent }, does }))))))

const lists = [...ladder.map((acr) => [acr]), ['urn:nobody:knows'], ['phrh', urn('1fa')], ['phr', urn('mfa')], [urn('mfa'), 'phr'], ['urn:nobody:knows', 'phr']]
const askings = {
  'acr_values': lists.map((acr): Asking => ({ acr, by: 'acr_values' })),
  'default_acr_values of the client': lists.filter((acr) => acr.every((one) => rungOf(one) >= 0)).map((acr): Asking => ({ acr, by: 'default' })),
  'a claim that is not essential': lists.slice(1, 7).map((acr): Asking => ({ acr, by: 'claim' })),
  'an essential claim with one value': lists.filter((acr) => acr.length === 1).map((acr): Asking => ({ acr, by: 'essential_value' })),
  'an essential claim with values': lists.map((acr): Asking => ({ acr, by: 'essential_values' })),
  'the minimum of the client': ladder.slice(0, 4).map((floor): Asking => ({ floor })),
  'the minimum of the client, and acr_values': [urn('mfa'), 'phr'].flatMap((floor) => lists.slice(1, 7).map((acr): Asking => ({ floor, acr, by: 'acr_values' }))),
  'nothing': [{}],
}
const levelsToo: Asking[] = [{}, { acr: ['phr'], by: 'acr_values' }, { acr: ['phr'], by: 'essential_values' }, { floor: urn('mfa') }]
const freshness: Record<string, Asking> = {
  'max_age=0': { maxAge: 0, freshBy: 'max_age' },
  'max_age': { maxAge: 60, freshBy: 'max_age' },
  'default_max_age of the client': { maxAge: 60, freshBy: 'default_max_age' },
  'the maximum age of the client': { maxAge: 60, freshBy: 'maximumAge' },
  'prompt=login': { maxAge: 0, freshBy: 'prompt' },
  'a client that always asks anew': { maxAge: 0, freshBy: 'alwaysReauthenticate' },
}
const groups: Record<string, Cell[]> = {
  ...Object.fromEntries(Object.entries(askings).map(([way, list]) => [way, cells(list, [30])])),
  ...Object.fromEntries(Object.entries(freshness).map(([way, fresh]) =>
    [way, cells(levelsToo.map((asking) => ({ ...asking, ...fresh })), fresh.maxAge === 0 ? [0, 120] : [30, 120]).filter(({ asking }) => !(asking.freshBy === 'prompt' && asking.silent))])),
  'the methods of the client': cells([{ methods: ['passkey'] }, { methods: ['passkey', 'email_otp'] }, { methods: ['passkey'], acr: ['phr'], by: 'essential_values' }], [30])
    .filter(({ does, asking }) => does !== 'recovery' && !(asking.methods?.length === 1 && does === 'code')),
}

test.before(async () => {
  const configs = new Map([other, guest, ...Object.values(groups).flat().map(({ asking }) => clientFor(asking))].map((config) => [config.client_id, config]))
  rig = await startRig([...configs.values()], { resources: { [api]: { scopes: ['api.read'], format: 'jwt' } } })
  for (const [id, config] of configs) apps.set(id, { app: await rig.app(config), config })
})
test.after.always(() => rig.close())

test.serial('consent is asked after the login, and the login not again after it', async (t) => {
  const { app } = apps.get('guest')!
  const fresh = { 'prompt=login': { prompt: 'login consent' }, 'max_age=0': { max_age: '0' }, 'essential, and anew': { prompt: 'login', ...parametersOf({ acr: ['phr'], by: 'essential_value' }) } }
  for (const [title, parameters] of Object.entries(fresh)) {
    const browser = rig.browser()
    rig.stops.length = 0
    rig.answer = (request, { interactions }) =>
      request.prompt === 'consent' ? interactions.finishConsent(request) : interactions.finishLogin(request, { accountId: 'ada', proofs: proofsOf('passkey', Date.now()) })
    for (const round of [1, 2]) {
      const { tokens } = await rig.signIn(app, { browser, parameters: { ...parameters, scope: round === 1 ? 'openid' : 'openid email' } })
      t.is(tokens.claims()?.['acr'], 'phr', title)
      t.deepEqual(rig.stops.map(({ prompt }) => prompt), round === 1 ? ['login', 'consent'] : ['login', 'consent', 'login', 'consent'], title)
      t.true(rig.stops.every(({ startedAt }, index) => index % 2 === 0 || startedAt === rig.stops[index - 1]?.startedAt), title)
    }
  }
})

test.serial('a step-up in one app leaves the others as they are: their grant, their sid, what their tokens say', async (t) => {
  const { app, config } = apps.get('other')!
  const third = apps.get(clientFor({ floor: 'phr' }).client_id)!.app
  const browser = rig.browser()
  const scope = 'openid offline_access'
  rig.answer = (request, { interactions }) =>
    interactions.finishLogin(request, { accountId: 'ada', proofs: proofsOf(request.requirement.minimumAcr ? 'passkey' : 'code', Date.now()) })
  const first = await rig.signIn(app, { browser, parameters: { scope } })
  const stepped = await rig.signIn(third, { browser })
  t.is(stepped.tokens.claims()?.['acr'], 'phr')
  const { sid } = first.tokens.claims()!
  t.is(typeof sid, 'string')

  const refreshed = await app.refresh(first.tokens)
  t.like(refreshed.claims(), { acr: urn('1fa'), auth_time: first.tokens.claims()!['auth_time'], sid })
  const said = await post(`${rig.issuer}/token/introspection`, { token: refreshed.access_token }, basic(config))
  t.like(await said.json(), { active: true, acr: urn('1fa'), auth_time: first.tokens.claims()!['auth_time'] })
  rig.stops.length = 0
  const silent = await rig.signIn(app, { browser, parameters: { prompt: 'none', scope } })
  t.like(silent.tokens.claims(), { sid, acr: 'phr' })
  t.is(rig.stops.length, 0)
})

for (const [way, list] of Object.entries(groups)) {
  test.serial(`${way}: ${list.length} cells`, async (t) => {
    const wrong: string[] = []
    for (const [index, cell] of list.entries()) {
      const problems = await run(cell, index).catch((error: Error) => [error.message])
      if (problems.length > 0) wrong.push(`${JSON.stringify(cell)} -> ${problems.join('; ')}`)
    }
    t.deepEqual(wrong, [])
  })
}
