/** What requests under way write while, or after, everything is ended is worth nothing. */
import test from 'ava'
import type { Proof } from '../../src/policy/types.ts'
import type { App, Tokens } from '../helpers/app.ts'
import type { HttpBrowser } from '../helpers/http-browser.ts'
import { alive, app, bound, changes, other, refresh, revocation, rig, scope, shop, silently, type Somebody, somebody, switching } from './revocation-rig.ts'

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

interface Act {
  parameters: Record<string, string>
  prepare: (browser: HttpBrowser) => Promise<UnderWay>
}

const exchanging = (asked: string): Act => ({
  parameters: { scope: asked },
  async prepare(browser) {
    const { url, finish } = await app.authorize({ scope: asked, prompt: 'none' })
    const page = await browser.open(url)
    return () => finish(page.url)
  },
})

const answering = (at: () => App | Promise<App>): Act => ({
  parameters: { scope },
  async prepare(browser) {
    const { url, finish } = await (await at()).authorize({ scope, prompt: 'none' })
    return async () => {
      const page = await browser.open(url)
      return () => finish(page.url)
    }
  },
})

const underWay: Record<string, { rounds: number } & Act> = {
  'a code is exchanged': { rounds: 100, ...exchanging(scope) },
  'a code without offline_access is exchanged': { rounds: 30, ...exchanging(bound) },
  'a token is refreshed': {
    rounds: 100,
    parameters: { scope },
    async prepare(browser) {
      const { tokens } = await rig.signIn(app, { browser, parameters: { scope, prompt: 'none' } })
      return () => app.refresh(tokens)
    },
  },
  'a session answers silently': { rounds: 50, ...answering(() => app) },
  'a session answers another app for the first time': { rounds: 30, ...answering(() => rig.app(other)) },
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
