/** What is ended is over at once and for good, whatever requests are under way. */
import test from 'ava'
import * as jose from 'jose'
import { createChanges } from '../../src/accounts/changes.ts'
import { createSwitching } from '../../src/accounts/switching.ts'
import { createTickets } from '../../src/accounts/tickets.ts'
import { createRevocation } from '../../src/oidc/revocation.ts'
import type { Proof } from '../../src/policy/types.ts'
import { hashId } from '../../src/secrets/keyring.ts'
import type { Passkey } from '../../src/storage/types.ts'
import type { App, Tokens } from '../helpers/app.ts'
import type { HttpBrowser } from '../helpers/http-browser.ts'
import { basic, client, post, startRig, type Rig } from './harness.ts'

const api = 'https://api.example'
const opaqueApi = 'https://opaque.example'
const shop = client('shop')
const other = client('other')
const thirdParty = client('third', { latchkey: { firstParty: false } })
const scope = 'openid offline_access'
/** nobody is asked for `offline_access` where it is not used */
const bound = 'openid'

let rig: Rig
let app: App
let revocation: ReturnType<typeof createRevocation>
let switching: ReturnType<typeof createSwitching>
let changes: ReturnType<typeof createChanges>
test.before(async () => {
  rig = await startRig([shop, other, thirdParty], { resources: { [api]: { scopes: ['orders'], format: 'jwt' }, [opaqueApi]: { scopes: ['orders'], format: 'opaque' } } })
  app = await rig.app(shop)
  revocation = createRevocation(rig.storage)
  const audit = { record: async () => {} }
  switching = createSwitching({ storage: rig.storage, revocation, tickets: createTickets(rig.storage), audit })
  changes = createChanges({ storage: rig.storage, revocation, audit })
})
test.after.always(() => rig.close())

interface Somebody { id: string; passkey: string; browser: HttpBrowser }
let count = 0

/** An account of its own with a passkey; the next stops at our pages sign it in. */
async function somebody(proof: Partial<Proof> = {}): Promise<Somebody> {
  const id = `somebody${++count}`
  const passkey = `passkey of ${id}`
  const email = `${id}@example.com`
  const createdAt = Date.now()
  await rig.storage.accounts.insert({ id, createdAt, userHandle: id, identifiers: [{ kind: 'email', value: email, verifiedAt: 1 }], credentialIds: [passkey] })
  await rig.storage.passkeys.insert({ id: passkey, accountId: id, createdAt, transports: [] as string[] } as Passkey)
  rig.answer = (request, { interactions }) =>
    request.prompt === 'consent'
      ? interactions.finishConsent(request)
      : interactions.finishLogin(request, { accountId: id, proofs: [{ method: 'passkey', credentialId: passkey, at: Date.now(), accountId: id, usablePasskey: true, deviceHash: 'theirs', ...proof }] })
  return { id, passkey, browser: rig.browser() }
}


const isActive = async (token: string | undefined, as = shop) =>
  ((await (await post(`${rig.issuer}/token/introspection`, { token: token ?? '' }, basic(as))).json()) as { active: boolean }).active
const userinfo = async (token: string) => (await fetch(`${rig.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).status
const refresh = (token: string | undefined) => post(`${rig.issuer}/token`, { grant_type: 'refresh_token', refresh_token: token ?? '' }, basic(shop))
const silently = async (browser: HttpBrowser) => (await rig.authorize(app, { browser, parameters: { prompt: 'none' } })).url.searchParams

/** What still works of tokens and of the browser's session. */
async function alive(browser: HttpBrowser, tokens: Partial<Tokens> | undefined): Promise<string[]> {
  const works: string[] = []
  if (tokens?.access_token) {
    if (await isActive(tokens.access_token)) works.push('access token')
    if ((await userinfo(tokens.access_token)) === 200) works.push('userinfo')
  }
  if (tokens?.refresh_token) {
    if (await isActive(tokens.refresh_token)) works.push('introspected refresh token')
    if ((await refresh(tokens.refresh_token)).ok) works.push('refresh')
  }
  const answer = await silently(browser)
  if (answer.get('error') !== 'login_required') works.push(`silent SSO: ${answer}`)
  return works
}

test.serial('disabling ends sessions, opaque access tokens and refresh tokens at once, and enabling brings none back', async (t) => {
  for (const parameters of [{ scope }, { scope: bound }]) {
    const { id, browser } = await somebody()
    const { tokens } = await rig.signIn(app, { browser, parameters })
    t.deepEqual((await alive(browser, { access_token: tokens.access_token })).map((what) => what.split(':')[0]), ['access token', 'userinfo', 'silent SSO'])

    await switching.disable(id)
    t.deepEqual(await alive(browser, tokens), [])
    t.deepEqual(await rig.storage.artifacts.listByAccount('Session', id), [])
    t.deepEqual(await rig.storage.artifacts.listByAccount('Grant', id), [])
    await switching.enable(id)
    t.deepEqual(await alive(browser, tokens), [])

    const again = await rig.signIn(app, { browser, parameters })
    t.true(await isActive(again.tokens.access_token), 'who signs in again is in again')
  }
})

test.serial('a JWT access token is good until its end, which is near', async (t) => {
  const { id, browser } = await somebody()
  const { tokens } = await rig.signIn(app, { browser, parameters: { scope: 'openid offline_access orders', resource: api } })
  const atApi = await (await post(`${rig.issuer}/token`, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token!, resource: api }, basic(shop))).json() as Tokens
  await switching.disable(id)
  const keys = jose.createLocalJWKSet(await (await fetch(`${rig.issuer}/jwks`)).json() as jose.JSONWebKeySet)
  const { payload } = await jose.jwtVerify(atApi.access_token, keys, { audience: api })
  t.is(payload.sub, id)
  t.is(payload.exp! - payload.iat!, 300)
  t.is((await refresh(atApi.refresh_token)).status, 400)
})

test.serial('disabling ends what others may introspect, and what was granted in sessions that are over', async (t) => {
  const { id, browser } = await somebody()
  const { tokens } = await rig.signIn(app, { browser, parameters: { scope: 'openid offline_access orders', resource: opaqueApi } })
  for (const { key } of await rig.storage.artifacts.listByAccount('Session', id)) await rig.storage.artifacts.destroy('Session', key)
  const atApi = await (await post(`${rig.issuer}/token`, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token!, resource: opaqueApi }, basic(shop))).json() as Tokens
  t.true(await isActive(atApi.access_token, other), 'an app goes on without the session')
  await switching.disable(id)
  await switching.enable(id)
  t.false(await isActive(atApi.access_token, other))
  t.is((await refresh(atApi.refresh_token)).status, 400)
})

test.serial('an account that is off is refused wherever it turns up, even where nothing was ended', async (t) => {
  const { id, browser } = await somebody()
  const { tokens } = await rig.signIn(app, { browser, parameters: { scope } })
  const { url, finish } = await app.authorize({ scope, prompt: 'none' })
  const { url: callback } = await browser.open(url)
  await rig.storage.accounts.update(id, (account) => ({ ...account, disabledAt: Date.now() }))
  await t.throwsAsync(finish(callback), { code: 'OAUTH_RESPONSE_BODY_ERROR' }, 'the code')
  t.deepEqual(await alive(browser, tokens), [])
  const page = await rig.authorize(app, { browser })
  t.is(page.url.searchParams.get('error'), 'access_denied', 'a login that is finished for it')
})

test.serial('a login that was finished before the account was disabled comes to nothing after it is enabled', async (t) => {
  const { id, browser } = await somebody()
  const finished = rig.answer
  let resume = ''
  rig.answer = async (request, engine, ctx) => {
    resume = await finished(request, engine, ctx)
    return 'http://elsewhere.example/' // the browser is held up
  }
  const { url } = await app.authorize()
  await browser.open(url)
  await switching.disable(id)
  await switching.enable(id)
  const page = await browser.open(resume)
  t.is(page.url.searchParams.get('error'), 'unmet_authentication_requirements', page.html)
  t.is((await silently(browser)).get('error'), 'login_required')
})

/** Both at once, the second a few turns later or earlier in each round. */
async function race<A, B>(round: number, one: () => Promise<A>, two: () => Promise<B>): Promise<[PromiseSettledResult<A>, PromiseSettledResult<B>]> {
  const after = async <R>(ms: number, act: () => Promise<R>) => {
    const until = performance.now() + ms
    while (performance.now() < until) await new Promise(setImmediate)
    return act()
  }
  return Promise.allSettled([after((round % 10) * 0.7, one), after(Math.floor(round / 10) * 0.7, two)])
}

/** What is under way: it ends with tokens, or with how to get some. */
type UnderWay = () => Promise<Tokens | (() => Promise<Tokens>)>

const underWay: Record<string, { rounds: number; parameters: Record<string, string>; prepare: (browser: HttpBrowser) => Promise<UnderWay> }> = {
  'a code is exchanged': {
    rounds: 100,
    parameters: { scope },
    async prepare(browser) {
      const { url, finish } = await app.authorize({ scope, prompt: 'none' })
      const page = await browser.open(url)
      return () => finish(page.url)
    },
  },
  'a code without offline_access is exchanged': {
    rounds: 30,
    parameters: { scope: bound },
    async prepare(browser) {
      const { url, finish } = await app.authorize({ scope: bound, prompt: 'none' })
      const page = await browser.open(url)
      return () => finish(page.url)
    },
  },
  'a token is refreshed': {
    rounds: 100,
    parameters: { scope },
    async prepare(browser) {
      const { tokens } = await rig.signIn(app, { browser, parameters: { scope, prompt: 'none' } })
      return () => app.refresh(tokens)
    },
  },
  'a session answers silently': {
    rounds: 50,
    parameters: { scope },
    async prepare(browser) {
      const { url, finish } = await app.authorize({ scope, prompt: 'none' })
      return async () => {
        const page = await browser.open(url)
        return () => finish(page.url)
      }
    },
  },
  'a session answers another app for the first time': {
    rounds: 30,
    parameters: { scope },
    async prepare(browser) {
      const second = await rig.app(other)
      const { url, finish } = await second.authorize({ scope, prompt: 'none' })
      return async () => {
        const page = await browser.open(url)
        return () => finish(page.url)
      }
    },
  },
}

const ends: Record<string, (who: Somebody) => Promise<unknown>> = {
  'the account is disabled': ({ id }) => switching.disable(id),
  'the passkey is removed': async ({ id, passkey }) => changes.removePasskey((await rig.storage.accounts.get(id))!, passkey, { deviceHash: '', userAgent: '' }),
}

for (const [name, { rounds, parameters, prepare }] of Object.entries(underWay)) {
  for (const [how, end] of Object.entries(ends)) {
    test.serial(`${name} while ${how}: ${rounds} times, and nothing that comes of it works afterwards`, async (t) => {
      let answered = 0
      for (let round = 0; round < rounds; round++) {
        const who = await somebody()
        await rig.signIn(app, { browser: who.browser, parameters })
        const act = await prepare(who.browser)
        const [outcome, ended] = await race(round, act, () => end(who))
        t.is(ended.status, 'fulfilled')
        if (how === 'the account is disabled') await switching.enable(who.id)
        let tokens = outcome.status === 'fulfilled' ? outcome.value : undefined
        if (typeof tokens === 'function') tokens = await tokens().catch(() => undefined)
        if (tokens) answered++
        t.deepEqual(await alive(who.browser, tokens), [], `round ${round}`)
        who.browser.close()
      }
      t.log(`${answered} of ${rounds} got tokens`)
    })
  }
}

/** Whatever requests write from now on waits, so that it comes after what happens meanwhile. */
function holdWrites(until = 'Session') {
  const { artifacts } = rig.storage
  const { upsert } = artifacts
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  artifacts.upsert = async (model, key, payload, ...rest) => {
    const isMark = typeof payload === 'object' && payload !== null && 'consumed' in payload
    if (!isMark) {
      if (model === until) held.resolve()
      await released.promise
    }
    return upsert(model, key, payload, ...rest)
  }
  return {
    held: held.promise,
    release() {
      artifacts.upsert = upsert
      released.resolve()
    },
  }
}

for (const [how, end] of Object.entries(ends)) {
  for (const [name, config] of Object.entries({ 'its own grant': shop, 'a new grant': other })) {
    test.serial(`what a request with ${name} writes after ${how} revives nothing`, async (t) => {
      const who = await somebody()
      await rig.signIn(app, { browser: who.browser, parameters: { scope } })
      const { url, finish } = await (await rig.app(config)).authorize({ scope: `${scope} email`, prompt: 'none' })
      const writes = holdWrites()
      const answer = who.browser.open(url)
      await writes.held
      await end(who)
      writes.release()
      const callback = (await answer).url
      t.truthy(callback.searchParams.get('code'), 'it was answered')
      await rig.storage.accounts.update(who.id, ({ disabledAt: _, ...account }) => account)
      await t.throwsAsync(finish(callback), { code: 'OAUTH_RESPONSE_BODY_ERROR' })
      t.is((await silently(who.browser)).get('error'), 'login_required')
      t.deepEqual((await rig.storage.artifacts.listByAccount('Session', who.id)), [])
    })
  }
}

const presses: Record<string, (who: Somebody) => Promise<unknown>> = {
  'its browser is disowned': async ({ id }) =>
    changes.freeze((await changes.record({ accountId: id, kind: 'new_device', subject: `theirs:${id}`, deviceHash: 'theirs', userAgent: '' })).id),
  'all is ended': ({ id }) => revocation.endAll(id),
}
for (const [how, press] of Object.entries(presses)) {
  for (const asked of [scope, bound]) {
    test.serial(`a sign-in that is written only after ${how} is none, nor what came of it (${asked})`, async (t) => {
      const who = await somebody()
      let resume = ''
      const finished = rig.answer
      rig.answer = async (request, { interactions }) => {
        resume = await interactions.finishLogin(request, {
          accountId: who.id, proofs: [{ method: 'email_otp', at: Date.now(), accountId: who.id, usablePasskey: false, deviceHash: 'theirs', identifier: `email:${who.id}@example.com` }],
        })
        return 'http://elsewhere.example/'
      }
      const { url, finish } = await app.authorize({ scope: asked })
      await who.browser.open(url)
      const writes = holdWrites()
      const answer = who.browser.open(resume)
      await writes.held
      await press(who)
      writes.release()
      const callback = (await answer).url
      t.truthy(callback.searchParams.get('code'), 'it was answered')
      const { searchParams } = (await rig.authorize(app, { browser: who.browser, parameters: { prompt: 'none' } })).url
      t.is(searchParams.get('error'), 'login_required', 'the session')
      await t.throwsAsync(finish(callback), { code: 'OAUTH_RESPONSE_BODY_ERROR' }, 'the code')

      rig.answer = finished
      t.is((await rig.signIn(app, { browser: who.browser, parameters: { scope: asked } })).page.url.searchParams.get('error'), null, 'who signs in anew is in')
      t.true((await silently(who.browser)).has('code'))
    })
  }

  test.serial(`a refresh token that is written only after ${how} is worth nothing`, async (t) => {
    const who = await somebody()
    const finished = rig.answer
    rig.answer = (request, { interactions }) => interactions.finishLogin(request, {
      accountId: who.id, proofs: [{ method: 'email_otp', at: Date.now(), accountId: who.id, usablePasskey: false, deviceHash: 'theirs', identifier: `email:${who.id}@example.com` }],
    })
    const { url, finish } = await app.authorize({ scope })
    const callback = (await who.browser.open(url)).url
    rig.answer = finished
    const [grant] = await rig.storage.artifacts.listByAccount('Grant', who.id)
    const writes = holdWrites('RefreshToken')
    const answer = finish(callback)
    await writes.held
    await press(who)
    writes.release()
    const { refresh_token: token } = await answer
    // As if the grant too had been written only now: what the press left in its place is not there then.
    await rig.storage.artifacts.destroy('Grant', grant!.key)
    await rig.storage.artifacts.upsert('Grant', grant!.key, grant!.payload, { accountId: who.id }, Date.now() + 1e7)
    t.is((await refresh(token)).status, 400)
  })
}

const besides: Record<string, (who: Somebody) => Partial<Proof>> = {
  'the passkey that is frozen with it': ({ passkey }) => ({ method: 'passkey', credentialId: passkey }),
  'a recovery code': () => ({ method: 'recovery_code' }),
}
for (const [name, extra] of Object.entries(besides)) {
  for (const asked of [scope, bound]) {
    test.serial(`what a disowned sign-in by a code and ${name} writes only after the press is nothing (${asked})`, async (t) => {
      const who = await somebody()
      await rig.storage.accounts.update(who.id, (account) => ({ ...account, factors: { recovery_codes: { since: 1, left: 9 } } }))
      const by = (proof: Partial<Proof>): Proof => ({ method: 'email_otp', at: Date.now(), accountId: who.id, usablePasskey: false, deviceHash: 'theirs', ...proof })
      const change = await changes.record({ accountId: who.id, kind: 'passkey_added', subject: who.passkey, deviceHash: 'theirs', userAgent: '', began: Date.now() })
      const finished = rig.answer
      rig.answer = (request, { interactions }) => interactions.finishLogin(request, { accountId: who.id, proofs: [by({ identifier: `email:${who.id}@example.com` }), by(extra(who))] })
      const { url, finish } = await app.authorize({ scope: asked })
      const callback = (await who.browser.open(url)).url
      rig.answer = finished
      const kept = await Promise.all((['Session', 'Grant', 'AuthorizationCode'] as const).map(async (model) => (await rig.storage.artifacts.listByAccount(model, who.id)).map((one) => ({ model, ...one }))))
      for (const { model, key } of kept.flat()) await rig.storage.artifacts.destroy(model, key)
      await changes.freeze(change.id)
      // As if they had been on their way to the store: what the press left in their place is not there then.
      for (const { model, key, payload } of kept.flat()) {
        await rig.storage.artifacts.destroy(model, key)
        const { uid, grantId } = payload as { uid?: string; grantId?: string }
        await rig.storage.artifacts.upsert(model, key, payload, { accountId: who.id, ...(uid !== undefined && { uid }), ...(grantId !== undefined && { grantId }) }, Date.now() + 1e7)
      }
      const { searchParams } = (await rig.authorize(app, { browser: who.browser, parameters: { prompt: 'none' } })).url
      t.is(searchParams.get('error'), 'login_required', 'the session')
      await t.throwsAsync(finish(callback), { code: 'OAUTH_RESPONSE_BODY_ERROR' }, 'the code')
    })
  }
}

for (const [how, end] of Object.entries(ends)) {
  test.serial(`tokens that are written after ${how} are worth nothing`, async (t) => {
    const who = await somebody()
    const { url, finish } = await app.authorize({ scope })
    const callback = (await who.browser.open(url)).url
    const writes = holdWrites('RefreshToken')
    const answer = finish(callback)
    await writes.held
    await end(who)
    writes.release()
    const tokens = await answer
    await rig.storage.accounts.update(who.id, ({ disabledAt: _, ...account }) => account)
    t.deepEqual(await alive(who.browser, tokens), [])
  })
}

test.serial('a frozen passkey: its session, grants and codes end, and it proves nothing in a login that was finished before', async (t) => {
  const who = await somebody()
  const change = await changes.record({ accountId: who.id, kind: 'passkey_added', subject: who.passkey, deviceHash: 'theirs', userAgent: '' })
  const { tokens } = await rig.signIn(app, { browser: who.browser, parameters: { scope } })
  const finished = rig.answer
  let resume = ''
  rig.answer = async (request, engine, ctx) => {
    resume = await finished(request, engine, ctx)
    return 'http://elsewhere.example/'
  }
  const held = rig.browser()
  await held.open((await app.authorize()).url)
  await changes.freeze(change.id)
  t.deepEqual(await alive(who.browser, tokens), [])
  t.is((await held.open(resume)).url.searchParams.get('error'), 'unmet_authentication_requirements')
  t.is((await silently(held)).get('error'), 'login_required')
})

test.serial('a disowned browser: a sign-in by code that it had finished comes to nothing, one by a passkey that stands does not', async (t) => {
  for (const [method, error] of [['email_otp', 'unmet_authentication_requirements'], ['passkey', null]] as const) {
    const who = await somebody()
    const proof: Proof = { method, at: Date.now(), accountId: who.id, usablePasskey: false, deviceHash: 'theirs', ...(method === 'passkey' ? { credentialId: who.passkey } : { identifier: `email:${who.id}@example.com` }) }
    let resume = ''
    rig.answer = async (request, { interactions }) => {
      resume = await interactions.finishLogin(request, { accountId: who.id, proofs: [proof] })
      return 'http://elsewhere.example/'
    }
    await who.browser.open((await app.authorize()).url)
    const change = await changes.record({ accountId: who.id, kind: 'new_device', subject: `theirs:${who.id}`, deviceHash: 'theirs', userAgent: '' })
    await changes.freeze(change.id)
    t.is((await who.browser.open(resume)).url.searchParams.get('error'), error, method)
  }
})

test.serial('a session keeps what still stands when one of its passkeys goes', async (t) => {
  const who = await somebody()
  const second = `second ${who.passkey}`
  await rig.storage.passkeys.insert({ id: second, accountId: who.id, createdAt: Date.now(), transports: [] as string[] } as Passkey)
  await rig.storage.accounts.update(who.id, (account) => ({ ...account, credentialIds: [...account.credentialIds, second] }))
  const proofBy = (credentialId: string, at: number): Proof => ({ method: 'passkey', credentialId, at, accountId: who.id, usablePasskey: true })
  const at = Date.now()
  rig.answer = (request, { interactions }) => interactions.finishLogin(request, { accountId: who.id, proofs: [proofBy(who.passkey, at), proofBy(second, at - 60_000)] })
  await rig.signIn(app, { browser: who.browser, parameters: { scope } })
  await changes.removePasskey((await rig.storage.accounts.get(who.id))!, who.passkey, { deviceHash: '', userAgent: '' })
  const { tokens } = await rig.signIn(app, { browser: who.browser, parameters: { scope, prompt: 'none' } })
  t.is(tokens.claims()?.['auth_time'], Math.floor((at - 60_000) / 1000), 'its statement is by the passkey that is left')
  t.is((await silently(who.browser)).get('error'), null)
})

test.serial('sessions are ended by what was proven in them, other people\'s and other sessions stay', async (t) => {
  const who = await somebody()
  const [one, two] = [rig.browser(), rig.browser()]
  const tokens = [await rig.signIn(app, { browser: one, parameters: { scope } }), await rig.signIn(app, { browser: two, parameters: { scope } })].map((signedIn) => signedIn.tokens)
  const uids = (await rig.storage.artifacts.listByAccount('Session', who.id)).map(({ payload }) => (payload as { uid: string }).uid)
  t.is(await revocation.endSessions(who.id, ({ uid, proofs }) => uid === uids[0] && proofs.length === 1), 1)
  t.deepEqual(await alive(one, tokens[0]), [])
  t.true((await alive(two, tokens[1])).includes('refresh'))
  t.is(await revocation.endSessions(who.id, () => false), 0)
})

test.serial('what an app was allowed by a person is judged by how the person was signed in', async (t) => {
  const who = await somebody()
  const third = await rig.app(thirdParty)
  const { tokens } = await rig.signIn(third, { browser: who.browser, parameters: { scope, prompt: 'consent' } })
  const [grant] = await rig.storage.artifacts.listByAccount('Grant', who.id)
  t.like(grant?.payload, { accountId: who.id, proofs: [{ method: 'passkey', credentialId: who.passkey }] })
  for (const { key } of await rig.storage.artifacts.listByAccount('Session', who.id)) await rig.storage.artifacts.destroy('Session', key)
  t.true(await isActive(tokens.refresh_token, thirdParty))
  await revocation.endSessions(who.id, ({ uid, proofs }) => uid === '' && proofs.some(({ credentialId }) => credentialId === who.passkey))
  t.false(await isActive(tokens.refresh_token, thirdParty))
})

test.serial('a grant that is used again learns by what, and is written for that alone', async (t) => {
  for (const [kind, config] of Object.entries({ 'an app of ours': shop, 'one that asked for consent': thirdParty })) {
    const who = await somebody()
    const its = await rig.app(config)
    const again = { browser: who.browser, parameters: { scope } }
    await rig.signIn(its, { browser: who.browser, parameters: { scope, prompt: 'login consent' } })
    let writes = 0
    const { upsert } = rig.storage.artifacts
    rig.storage.artifacts.upsert = (model, ...rest) => {
      if (model === 'Grant') writes++
      return upsert(model, ...rest)
    }
    t.teardown(() => void (rig.storage.artifacts.upsert = upsert))
    const signInBy = async (proof: Partial<Proof>) => {
      rig.answer = (request, { interactions }) => request.prompt === 'consent'
        ? interactions.finishConsent(request)
        : interactions.finishLogin(request, { accountId: who.id, proofs: [rig.proof('passkey', { accountId: who.id, credentialId: who.passkey, deviceHash: 'theirs', usablePasskey: true, ...proof })] })
      await rig.signIn(its, { ...again, parameters: { scope, prompt: 'login' } })
    }
    await signInBy({})
    await rig.signIn(its, again)
    t.is(writes, 0, `${kind}: the same passkey, and nothing new`)
    const second = `another key of ${who.id}`
    await rig.storage.accounts.update(who.id, (account) => ({ ...account, credentialIds: [...account.credentialIds, second] }))
    await signInBy({ credentialId: second })
    t.is(writes, 1, `${kind}: another passkey`)
    await signInBy({ credentialId: second, deviceHash: 'elsewhere' })
    t.is(writes, 2, `${kind}: in another browser`)
    rig.storage.artifacts.upsert = upsert
    const [grant] = await rig.storage.artifacts.listByAccount('Grant', who.id)
    const { proofs } = grant?.payload as { proofs: Proof[] }
    t.deepEqual(proofs.map(({ credentialId, deviceHash }) => [credentialId, deviceHash]), [[who.passkey, 'theirs'], [second, 'elsewhere']])
  }
})

test.serial('what was ended is found no more, by whatever the engine looks for it', async (t) => {
  const { Session, Grant } = rig.engine.koa
  const who = await somebody()
  await rig.signIn(app, { browser: who.browser, parameters: { scope } })
  const [session] = await rig.storage.artifacts.listByAccount('Session', who.id)
  const { uid, authorizations } = session?.payload as { uid: string; authorizations: Record<string, { grantId: string }> }
  const grantId = authorizations['shop']?.grantId ?? ''
  const id = who.browser.cookies.all().find(({ name }) => name === 'latchkey_session')?.value ?? ''
  t.is((await Session.find(id))?.uid, uid)
  t.is((await Grant.find(grantId))?.accountId, who.id)
  await revocation.endAll(who.id)
  t.is(await Session.find(id), undefined)
  t.is(await Session.findByUid(uid), undefined)
  t.is(await Grant.find(grantId), undefined)
})

test.serial('a grant whose tokens nobody wrote down yet, and a token whose grant is gone, are worth nothing', async (t) => {
  const who = await somebody()
  const { tokens } = await rig.signIn(app, { browser: who.browser, parameters: { scope } })
  const [grant] = await rig.storage.artifacts.listByAccount('Grant', who.id)
  const stored = grant?.payload as { grantId: string }
  await rig.storage.artifacts.destroy('Grant', hashId(`Grant:${stored.grantId}`))
  t.false(await isActive(tokens.access_token))
  t.false(await isActive(tokens.refresh_token))
  t.is(await userinfo(tokens.access_token), 401)
  t.is((await refresh(tokens.refresh_token)).status, 400)
})
