/** What happened to an account, in words; what can still be stopped is one press away. */
import test from 'ava'
import { createAudit } from '../../src/audit/audit.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { notMeLink, start } from './rig.ts'

const path = '/account/activity'
const sentences = (page: Page) => [...page.html.matchAll(/<p class="entry-name">(.*?)<\/p>/g)].map(([, text]) => text)

test('newest first, in words, by day, and no entry of the log that says nothing to people', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  t.is(page.heading, 'Activity')
  const all = sentences(page)
  t.true(all.includes('A passkey was added.') && all.includes('Your account was created.'))
  t.regex(all.find(text => text!.startsWith('Signed in')) ?? '', /^Signed in with a passkey\.|^Signed in with a code by email\./)
  t.is(all.at(-1), 'Your account was created.')
  t.regex(page.text, /at Example Shop/)
  t.notRegex(page.html, /account\.activity|passkey\.offer|code\.sent/)
})

test('filters, and pages on, without losing or repeating one', async t => {
  const rig = await start(t, { still: true })
  const owner = await rig.newOwner()
  const { storage } = rig.server.foundation
  const audit = createAudit({ audit: storage.audit, clock: storage.clock, log: { error: () => t.fail() } })
  for (let i = 0; i < 75; i++) {
    if (i % 3 === 0) rig.server.advance(1000)
    await audit.record(i % 2 === 0 ? 'sign_in.failed' : 'passkey.renamed', { accountId: owner.accountId }, (i % 2 === 0 ? { method: 'totp', reason: 'wrong' } : { passkeyId: `p${i}` }) as never)
  }
  for (const [filter, sentence, times] of [['problems', 'A sign-in with a code from an app did not work.', 38], ['changes', 'A passkey was renamed.', 37]] as const) {
    let seen = 0
    let pages = 0
    for (let next: string | undefined = `${path}?filter=${filter}`; next !== undefined; pages++) {
      const page: Page = await owner.browser.open(next)
      seen += sentences(page).filter(text => text === sentence).length
      if (filter === 'problems') t.true(sentences(page).every(text => text === sentence))
      next = page.links.find(({ text }) => text === 'Show older')?.href
    }
    t.deepEqual([seen, pages], [times, 2], filter)
  }
  for (const query of ['filter=nothing', 'before=x', 'before=-1', 'before=1e400']) t.is((await owner.browser.open(`${path}?${query}`)).status, 200)
  t.regex((await owner.browser.open(`${path}?before=1`)).text, /Nothing yet/)
})

test('what happened in the millisecond at which a look into the log ends is not left out', async t => {
  const rig = await start(t, { still: true })
  const owner = await rig.newOwner()
  const { storage } = rig.server.foundation
  const audit = createAudit({ audit: storage.audit, clock: storage.clock, log: { error: () => t.fail() } })
  rig.server.advance(1000)
  for (let i = 0; i < 20; i++) await audit.record('passkey.renamed', { accountId: owner.accountId }, { passkeyId: `p${i}` })
  for (let i = 0; i < 100; i++) await audit.record('code.sent', { accountId: owner.accountId }, { purpose: 'confirm', resent: false })
  rig.server.advance(1000)
  for (let i = 0; i < 110; i++) await audit.record('code.sent', { accountId: owner.accountId }, { purpose: 'confirm', resent: false })
  const page = await owner.browser.open(`${path}?filter=changes`)
  t.is(sentences(page).filter(text => text === 'A passkey was renamed.').length, 20)
})

test('"This was not me" leads to the page that stops it', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const other = createVisitor(rig.server, { email: owner.email })
  await other.ignoreMail()
  const offer = await other.typeCode(await other.typeEmail(await rig.arrive(other)))
  t.true(offer.elsewhere || offer.url.pathname.includes('/interaction/'))
  const page = await owner.browser.open(`${path}?filter=sign_ins`)
  const disown = page.forms.find(({ values }) => values['disown'] !== undefined)!
  const asked = await owner.browser.submit(page, disown)
  t.regex(asked.url.pathname, /^\/account\/not-me\//)
  t.is(asked.heading, 'Was this you?')
  await owner.browser.submit(asked, asked.form(asked.url.pathname, 'No, stop it'), { button: 'No, stop it' })
  t.truthy((await rig.account(owner.accountId)).frozen)
  t.regex((await other.browser.open(path)).url.pathname, /^\/interaction\//, 'the browser that was disowned is signed out')
  const after = await owner.browser.open(path)
  t.regex(after.text, /A change was stopped by “This was not me”/)
  t.false(after.forms.some(({ values }) => values['disown'] === disown.values['disown']))
  t.regex((await owner.browser.submit(page, disown)).text, /changed in another window/, 'of a page that stood open')
})

test('pressing again leaves one link of a change behind, besides the one that was mailed', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const elsewhere = createVisitor(rig.server, owner)
  await elsewhere.usePasskey(await rig.arrive(elsewhere))
  const mail = (await rig.server.outbox()).find(({ to, subject }) => to === owner.email && subject.startsWith('New sign-in'))!
  const page = await owner.browser.open(path)
  const press = async () => (await owner.browser.submit(page, page.forms.find(({ values }) => values['disown'] !== undefined)!)).url
  const [first, second] = [await press(), await press()]
  const statuses = []
  for (const url of [first, second, new URL(notMeLink(mail))]) statuses.push((await rig.newBrowser().open(url.pathname)).status)
  t.deepEqual(statuses, [410, 200, 200])
})

test('nobody stops a change of somebody else by its id', async t => {
  const rig = await start(t)
  const [owner, stranger] = [await rig.newOwner(), await rig.newOwner()]
  const elsewhere = createVisitor(rig.server, owner)
  await elsewhere.usePasskey(await rig.arrive(elsewhere))
  const { id } = (await rig.changesOf(owner.accountId)).find(({ kind }) => kind === 'new_device')!
  const page = await stranger.browser.open(path)
  const { csrf = '' } = page.forms.find(({ values }) => values['csrf'] !== undefined && !values['locale'])?.values ?? {}
  const answer = await stranger.browser.post(page, path, new URLSearchParams({ csrf, disown: id }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
  t.is(answer.status, 303)
  t.regex((await stranger.browser.open(`${path}?done`)).text, /changed in another window/)
  t.is((await rig.account(owner.accountId)).frozen, undefined)
})
