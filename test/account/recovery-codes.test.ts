/** Recovery codes: made, shown once, and taken along, without script. */
import test from 'ava'
import type { Page } from '../helpers/http-browser.ts'
import { type Rig, start } from './rig.ts'

const minute = 60_000
const path = '/account/recovery-codes'
type Owner = Awaited<ReturnType<Rig['newOwner']>>

const codesOn = (page: Page): string[] => [...page.html.matchAll(/<li><code>(.*?)<\/code><\/li>/g)].map(([, code]) => code ?? '')

async function make(owner: Owner, button: 'Make recovery codes' | 'Make new codes' = 'Make recovery codes'): Promise<Page> {
  return owner.browser.submit(await owner.browser.open(path), '/recovery-codes', { button })
}

const factorOf = ({ server }: Rig, { accountId }: Owner) => server.foundation.storage.factors.get(`recovery_codes:${accountId}`)

test('looking at the page makes nothing; a press makes ten, shown in its answer alone', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  t.is(page.heading, 'Recovery codes')
  t.is(await factorOf(rig, owner), undefined)
  const made = await owner.browser.submit(page, '/recovery-codes', { button: 'Make recovery codes' })
  t.is(made.heading, 'Save your recovery codes')
  const codes = codesOn(made)
  t.is(codes.length, 10)
  t.like(await rig.account(owner.accountId), { factors: { recovery_codes: { left: 10 } } })
  t.like((await rig.changesOf(owner.accountId))[0], { kind: 'recovery_codes_made', subject: `recovery_codes:${owner.accountId}` })
  const [mail] = await rig.server.outbox()
  t.regex(mail?.text ?? '', /^Recovery codes were made,/m)

  const later = await owner.browser.open(path)
  t.is(later.heading, 'Recovery codes')
  t.true(later.text.includes('You have 10 codes left.'))
  for (const { url, body } of owner.browser.visits.slice(0, -2)) for (const code of codes) t.false(url.href.includes(code) || body.includes(code) && !body.includes('Save your recovery codes'))
  t.false(codes.some(code => later.html.includes(code)))
})

test('a reload of the answer, or a second press, shows nothing again and makes nothing new', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  await owner.browser.submit(page, '/recovery-codes', { button: 'Make recovery codes' })
  const before = await factorOf(rig, owner)
  const again = await owner.browser.submit(page, '/recovery-codes', { button: 'Make recovery codes' })
  t.is(again.status, 409)
  t.true(again.text.includes('Your codes were shown once, and are not shown again.'))
  t.deepEqual(codesOn(again), [])
  t.deepEqual(await factorOf(rig, owner), before)
  t.is((await rig.changesOf(owner.accountId)).length, 1)

  const [one, two] = await Promise.all([1, 2].map(() => owner.browser.submit(again, '/recovery-codes', { button: 'Make new codes' })))
  t.deepEqual([codesOn(one!).length, codesOn(two!).length].toSorted((a, b) => a - b), [0, 10], 'two presses at once are one')
})

test('new ones end the old ones', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await make(owner)
  const old = await factorOf(rig, owner)
  const fresh = await make(owner, 'Make new codes')
  t.true(fresh.text.includes('Your old codes no longer work.'))
  const now = await factorOf(rig, owner)
  t.is(now?.macs?.length, 10)
  t.false(now?.macs?.some(mac => old?.macs?.includes(mac)))
  const [mail] = await rig.server.outbox()
  t.regex(mail?.text ?? '', /^New recovery codes were made, and the old ones ended,/m)
})

test('the download is a file, and comes by a form', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await make(owner)
  const codes = codesOn(page)
  await owner.browser.submit(page, '/recovery-codes', { button: 'Download' })
  const answer = owner.browser.visits.at(-1)!
  t.is(answer.method, 'POST')
  t.is(answer.url.pathname + answer.url.search, path)
  t.is(answer.headers['content-disposition'], 'attachment; filename="recovery-codes.txt"')
  t.is(answer.headers['content-type'], 'text/plain; charset=utf-8')
  t.is(answer.headers['cache-control'], 'no-store')
  const lines = answer.body.split('\r\n')
  t.is(lines[0], 'Recovery codes for Latchkey')
  t.true(lines.includes(owner.email))
  t.deepEqual(lines.flatMap(line => /^ ?\d+\. (.*)$/.exec(line)?.[1] ?? []), codes)
})

test('"I saved them" is asked for, with the codes still there', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await make(owner)
  const asked = await owner.browser.submit(page, '/recovery-codes', { button: 'Continue' })
  t.is(asked.status, 400)
  t.true(asked.text.includes('Save your codes, then tick “I saved them”.'))
  t.deepEqual(codesOn(asked), codesOn(page))
  const done = await owner.browser.submit(asked, '/recovery-codes', { button: 'Continue', values: { saved: '1' } })
  t.is(done.url.pathname, '/account/ways')
  t.true(done.text.includes('Your new recovery codes work.'))
})

test('nobody else\'s words come back in a file or on a page', async t => {
  const rig = await start(t)
  const [owner, other] = [await rig.newOwner(), await rig.newOwner()]
  const page = await make(owner)
  const foreign = codesOn(await make(other)).join(' ')
  for (const codes of ['', 'AAAA-AAAA', '<script>', foreign, `${codesOn(page)[0]} evil`, 'x'.repeat(10_000)]) {
    for (const button of ['Download', 'Continue']) {
      const answer = await owner.browser.submit(page, '/recovery-codes', { button, values: { codes } })
      t.is(answer.heading, 'Ways to sign in', codes)
      t.is(answer.headers['content-disposition'], undefined)
    }
  }
})

test('a single code that is right is answered as one that is wrong: the page tells nobody which they are', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await make(owner)
  const all = codesOn(page)
  const [first = ''] = all
  for (const codes of ['AAAA-AAAA', first, all.slice(1).join(' '), Array.from({ length: 10 }, () => first).join(' '), [...all.slice(1), first.toLowerCase(), first].join(' '), [...all.slice(2), first, first.toLowerCase()].join(' ')]) {
    const answer = await owner.browser.submit(page, '/recovery-codes', { button: 'Continue', values: { codes, saved: '1' } })
    t.false(answer.text.includes('work now'), codes)
    t.true(answer.text.includes('This changed in another window'), codes)
  }
})

test('an old proof is not enough', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  rig.server.advance(6 * minute)
  const asked = await owner.browser.submit(page, '/recovery-codes', { button: 'Make recovery codes' })
  t.not(asked.url.pathname, path)
  t.is(await factorOf(rig, owner), undefined)
  const back = await owner.usePasskey(asked)
  t.is(back.heading, 'Recovery codes')
  t.is(await factorOf(rig, owner), undefined, 'coming back makes nothing by itself')
})

test('who has a passkey needs it: a code by mail makes no new codes', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await make(owner)
  rig.server.advance(6 * minute)
  const asked = await owner.browser.open(path)
  t.notDeepEqual(asked.url.pathname, path)
  t.truthy(asked.passkeyForm('get'))
})

test('without a session, or the form\'s token, nothing is made', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  const forged = await owner.browser.submit(page, '/recovery-codes', { button: 'Make recovery codes', values: { csrf: 'x' } })
  t.is(forged.status, 403)
  const bare = await owner.browser.submit(page, '/recovery-codes', { values: { current: 'none' } , headers: {} , button: 'Make recovery codes' }).then(() => factorOf(rig, owner))
  t.truthy(bare)
  const nonsense = await owner.browser.post(page, `${rig.server.issuer}${path}`, new URLSearchParams({ csrf: page.form('/recovery-codes').values['csrf'] ?? '' }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
  t.is(nonsense.status, 400)
  const stranger = rig.newBrowser()
  t.is((await stranger.post(page, `${rig.server.issuer}${path}`, 'make=1&current=none', { 'content-type': 'application/x-www-form-urlencoded' })).status, 401)
})

test('few left: the page says so', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await make(owner)
  await rig.server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, factors: { recovery_codes: { since: account.factors!.recovery_codes!.since, left: 3 } } }))
  const page = await owner.browser.open(path)
  t.regex(page.html, /box warning.*You have 3 codes left\./s)
  t.regex((await owner.browser.open('/account/ways')).html, /box warning.*You have 3 codes left\..*Make new codes/s)
})

test('where the operator offers none there is no page', async t => {
  const rig = await start(t, { config: { verification: { methods: ['email_otp'] } } })
  const owner = await rig.newOwner()
  t.is((await owner.browser.open(path)).status, 404)
})
