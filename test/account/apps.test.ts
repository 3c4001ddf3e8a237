/** Apps with access: seen, and taken back. */
import test from 'ava'
import { createApp, news, shop } from '../helpers/app.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { start } from './rig.ts'

const list = '/account/apps'
const scope = 'openid email offline_access'

async function connected(t: Parameters<typeof start>[0]) {
  const rig = await start(t, { clients: [shop, news] })
  const owner = await rig.newOwner()
  const third = await createApp(rig.server.issuer, news)
  const open = async (app: typeof third, parameters = {}) => {
    const authorization = await app.authorize({ scope, prompt: 'consent', ...parameters })
    const page = await owner.browser.open(authorization.url)
    const answer = page.elsewhere ? page : await owner.browser.submit(page, '/consent', { button: 'Allow' })
    return { answer, tokens: await authorization.finish(answer.url) }
  }
  return { rig, owner, third, open }
}

test('our own pages are no app, also once they have asked for a proof', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(6 * 60_000)
  const back = await owner.usePasskey(await owner.browser.open('/account/passkey-create'))
  t.is(back.heading, 'Add a passkey')
  const page = await owner.browser.open('/account/apps')
  t.deepEqual(page.links.filter(({ href }) => href.includes('/app-remove/')).map(({ text }) => text), ['Remove access Example Shop'])
})

test('each app with what it sees and since when; our own pages are none', async t => {
  const { owner, open, third } = await connected(t)
  await open(third)
  const page = await owner.browser.open(list)
  t.is(page.heading, 'Apps')
  t.regex(page.text, /Daily News localhost:8 .*Know that it is you.*Your email address.*Stay connected while you are away.*Since /)
  t.regex(page.text, /Example Shop/)
  t.is(page.links.filter(({ text }) => text.startsWith('Remove access')).length, 2)
})

test('an app that lost access: its tokens end at once, and it has to ask again', async t => {
  const { rig, owner, open, third } = await connected(t)
  const { tokens } = await open(third)
  t.truthy(await third.userinfo(tokens))
  const page = await owner.browser.open((await owner.browser.open(list)).links.find(({ text }) => text === 'Remove access Daily News')!.href)
  t.is(page.heading, 'Remove access of Daily News?')
  t.regex(page.text, /5 more minutes/)
  t.regex(page.text, /we ask you/)
  const done = await owner.browser.submit(page, page.form(page.url.pathname, 'Remove access'))
  t.is(done.url.pathname, list)
  t.regex(done.text, /Daily News lost access/)
  t.false(done.links.some(({ text }) => text.includes('Daily News')))
  await t.throwsAsync(third.refresh(tokens))
  await t.throwsAsync(third.userinfo(tokens))
  const asked = await owner.browser.open((await third.authorize({ scope })).url)
  t.regex(asked.url.pathname, /\/consent$/)
  const audit = await rig.server.foundation.storage.audit.query({ accountId: owner.accountId, limit: 50 })
  t.like(audit.find(({ type }) => type === 'app.access_removed'), { clientId: 'news' })
})

test('other apps, other people and other sessions of the account are left alone', async t => {
  const { rig, owner, open, third } = await connected(t)
  await open(third)
  const ours = await rig.app.authorize({ scope, prompt: 'consent' })
  const back = await owner.browser.open(ours.url)
  const tokens = await ours.finish((back.elsewhere ? back : await owner.browser.submit(back, '/consent', { button: 'Allow' })).url)
  const stranger = createVisitor(rig.server)
  const authorization = await rig.app.authorize({ scope, prompt: 'consent' })
  const offer = await stranger.signUp(await stranger.arrive(authorization))
  const over = await stranger.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const theirs = await authorization.finish((over.elsewhere ? over : await stranger.browser.submit(over, '/consent', { button: 'Allow' })).url)

  const page = await owner.browser.open((await owner.browser.open(list)).links.find(({ text }) => text === 'Remove access Daily News')!.href)
  await owner.browser.submit(page, page.form(page.url.pathname, 'Remove access'))
  t.truthy(await rig.app.refresh(tokens))
  t.truthy(await rig.app.refresh(theirs))
  t.is((await owner.browser.open(list)).heading, 'Apps', 'still signed in here')
})

test('a second press, and the address of an app without access, say how it is now', async t => {
  const { owner, open, third } = await connected(t)
  await open(third)
  const { href } = (await owner.browser.open(list)).links.find(({ text }) => text === 'Remove access Daily News')!
  const page = await owner.browser.open(href)
  await owner.browser.submit(page, page.form(page.url.pathname, 'Remove access'))
  t.regex((await owner.browser.submit(page, page.form(page.url.pathname, 'Remove access'))).text, /changed in another window/)
  t.regex((await owner.browser.open(href)).text, /changed in another window/)
})
