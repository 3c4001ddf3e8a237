/** "Sign out everywhere else", and what an intruder has under way, or kept, while its owner presses it. */
import test from 'ava'
import { shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, hour, start, type Rig } from '../account/rig.ts'

const options = { config: { sessions: { keepSignedIn: 'always' } } }
const isAsked = ({ url }: Page) => url.pathname.startsWith('/interaction/')

async function byCode(rig: Rig, email: string): Promise<{ visitor: Visitor; page: Page }> {
  const visitor = createVisitor(rig.server, { email })
  await visitor.ignoreMail()
  return { visitor, page: await visitor.typeCode(await visitor.typeEmail(await rig.arrive(visitor))) }
}

/** A sign-in by the owner's passkey whose app may go on by itself. */
async function withRefreshToken(rig: Rig, owner: Visitor) {
  const visitor = createVisitor(rig.server, owner)
  const authorization = await rig.app.authorize({ scope: 'openid offline_access', prompt: 'login consent' })
  const page = await visitor.usePasskey(await visitor.arrive(authorization))
  const landing = page.elsewhere ? page : await visitor.browser.submit(page, '/consent', { button: 'Allow' })
  return { visitor, tokens: await authorization.finish(landing.url) }
}

async function endOthers({ browser }: Visitor): Promise<{ asked: Page; done: Page }> {
  const asked = await browser.open('/account/sessions-end')
  return { asked, done: await browser.submit(asked, asked.url.pathname) }
}

const listed = async ({ browser }: Visitor) => (await browser.open('/account/sessions')).text.match(/Signed in since/g)?.length

/** The session in its own browser ends there, as its holder likes it best: the app keeps what it has. */
async function leaveTheSession(rig: Rig, { visitor, tokens }: Awaited<ReturnType<typeof withRefreshToken>>) {
  const out = await visitor.browser.open(rig.app.signOutUrl(tokens))
  const form = out.forms.find(({ buttons }) => buttons.some(({ text }) => /sign out/i.test(text)))!
  await visitor.browser.submit(out, form, { button: form.buttons.find(({ text }) => /sign out/i.test(text))!.text })
  return rig.app.refresh(tokens)
}

for (const company of ['beside another session', 'with no other session listed']) {
  test(`the refresh token of a session that is over ends too, ${company}`, async (t) => {
    const rig = await start(t, options)
    const owner = await rig.newOwner()
    const tokens = await leaveTheSession(rig, await withRefreshToken(rig, owner))
    const other = company.startsWith('beside') ? await withRefreshToken(rig, owner) : undefined
    t.true((await owner.browser.open('/account/sessions')).links.some(({ text }) => text === 'Sign out everywhere else'))
    const { asked, done } = await endOthers(owner)
    t.regex(asked.text, new RegExp(`without anybody signed in.*${shop.client_name}`))
    t.regex(done.text, /Signed out everywhere else\./)
    await t.throwsAsync(rig.app.refresh(tokens))
    if (other) await t.throwsAsync(rig.app.refresh(other.tokens))
    t.false(isAsked(await owner.browser.open('/account/sessions')), 'and the own session stays')
    t.regex((await owner.browser.open('/account/sessions-end')).text, /changed in another window/, 'nothing is left to end')
  })
}

test('the own session keeps what was granted in it', async (t) => {
  const rig = await start(t, options)
  const owner = await rig.newOwner()
  const { visitor, tokens } = await withRefreshToken(rig, owner)
  await endOthers(visitor)
  const next = await rig.app.refresh(tokens)
  t.true((await visitor.arrive(await rig.app.authorize({ prompt: 'none' }))).url.searchParams.has('code'))
  t.truthy(await rig.app.refresh(next))
})

test('a sign-in that has proven all and waits on its last page is asked anew', async (t) => {
  const rig = await start(t, options)
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(day)
  const first = await byCode(rig, owner.email)
  t.true(first.page.elsewhere)
  rig.server.advance(9 * day)
  const { visitor: thief, page: offer } = await byCode(rig, owner.email)
  t.truthy(offer.passkeyForm('create'), 'it waits')
  rig.server.advance(60_000)
  await endOthers(owner)
  t.true(isAsked(await first.visitor.browser.open('/account/ways')))
  rig.server.advance(1.5 * hour)
  const landed = await thief.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.false(landed.elsewhere)
  t.true(isAsked(await thief.browser.open('/account/ways')))
  t.is(await listed(owner), 1)

  await thief.ignoreMail()
  const again = await byCode(rig, owner.email)
  t.true(again.page.elsewhere || again.page.passkeyForm('create') !== undefined, 'what is proven from then on counts')
})

test('one that goes on in the browser that pressed it goes on', async (t) => {
  const rig = await start(t, options)
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(day)
  const { page } = await byCode(rig, owner.email)
  t.true(page.elsewhere)
  rig.server.advance(9 * day)
  await owner.ignoreMail()
  const offer = await owner.typeCode(await owner.typeEmail(await rig.arrive(owner)))
  await endOthers(owner)
  t.true((await owner.browser.submit(offer, '/passkey-create', { button: 'Not now' })).elsewhere)
  t.false(isAsked(await owner.browser.open('/account/ways')))
})

/** Whatever is written of a session from now on waits, as in a process that is slow. */
function holdSessions({ foundation: { storage: { artifacts } } }: Rig['server'], accountId: string) {
  const { upsert, destroy } = artifacts
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  artifacts.upsert = async (model, key, payload, ...rest) => {
    const { consumed, accountId: of } = payload as { consumed?: number; accountId?: string }
    if (model === 'Session' && consumed === undefined && of === accountId) {
      held.resolve()
      await released.promise
    }
    return upsert(model, key, payload, ...rest)
  }
  artifacts.destroy = async (model, key) => {
    if (model === 'Session') await released.promise
    return destroy(model, key)
  }
  return {
    held: held.promise,
    meanwhile: () => void Object.assign(artifacts, { upsert, destroy }),
    release: () => released.resolve(),
  }
}

const presses: Record<string, (owner: Visitor) => Promise<unknown>> = {
  'everywhere else': endOthers,
  'by itself': async ({ browser }) => {
    const page = await browser.open('/account/sessions')
    return browser.submit(page, page.forms.find(({ values }) => values['end'] !== undefined)!)
  },
}

for (const [how, press] of Object.entries(presses)) {
  test(`a step-up whose session is ended ${how} while it is written revives nothing`, async (t) => {
    const rig = await start(t, options)
    const owner = await rig.newOwner()
    rig.server.advance(2 * day)
    const thief = createVisitor(rig.server, owner)
    t.true((await thief.usePasskey(await rig.arrive(thief))).elsewhere)
    rig.server.advance(hour)
    const authorization = await rig.app.authorize({ max_age: '60' })
    const page = await thief.arrive(authorization)
    const sessions = holdSessions(rig.server, owner.accountId)
    const landing = thief.usePasskey(page)
    await sessions.held
    sessions.meanwhile()
    await press(owner)
    sessions.release()
    const { url } = await landing
    t.true(isAsked(await thief.browser.open('/account/ways')))
    await t.throwsAsync(authorization.finish(url))
    t.is((await thief.arrive(await rig.app.authorize({ prompt: 'none' }))).url.searchParams.get('error'), 'login_required')
    t.is(await listed(owner), 1)
  })
}
