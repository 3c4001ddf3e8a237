/** What is ended is over at once and for good. */
import test from 'ava'
import * as jose from 'jose'
import type { Proof } from '../../src/policy/types.ts'
import { hashId } from '../../src/secrets/keyring.ts'
import type { Passkey } from '../../src/storage/types.ts'
import type { Tokens } from '../helpers/app.ts'
import { basic, post } from './harness.ts'
import { alive, api, app, bound, changes, isActive, opaqueApi, other, refresh, revocation, rig, scope, shop, silently, somebody, switching, thirdParty, userinfo } from './revocation-rig.ts'

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
