/** Signing in with passkeys only, switched on and off by whoever it is about. */
import test from 'ava'
import { createVisitor } from '../helpers/visitor.ts'
import { start, type Rig } from './rig.ts'

const path = '/account/passkeys-only'
const list = '/account/passkeys'
type Owner = Awaited<ReturnType<Rig['newOwner']>>

const isOn = async (rig: Rig, { accountId }: Owner) => (await rig.account(accountId)).passkeysOnlySince !== undefined
const giveCodes = (rig: Rig, { accountId }: Owner, left = 8) =>
  rig.server.foundation.storage.accounts.update(accountId, account => ({ ...account, factors: { ...account.factors, recovery_codes: { since: 1, left } } }))

test('what it needs is said with what is missing, and a press that is made all the same changes nothing', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  t.is(page.heading, 'Sign in with passkeys only?')
  t.regex(page.text, /Missing: Two passkeys\. You have one\./)
  t.regex(page.text, /Missing: A passkey and recovery codes\. You have no codes\./)
  t.deepEqual(page.links.filter(({ href }) => /passkey-create|recovery-codes/.test(href)).map(({ text }) => text), ['Add a passkey', 'Make recovery codes'])
  t.false(page.forms.some(({ values }) => values['turn'] !== undefined))
  const { csrf } = page.forms.find(({ values }) => values['csrf'] !== undefined)!.values
  t.is((await owner.browser.post(page, path, new URLSearchParams({ csrf: csrf ?? '', turn: 'on' }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })).status, 409)
  t.false(await isOn(rig, owner))
  t.deepEqual(await rig.changesOf(owner.accountId), [])
})

test('on: told, recorded, sessions by a code alone end, and codes open nothing; off again by a passkey', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await giveCodes(rig, owner)
  const byCode = createVisitor(rig.server, { email: owner.email })
  await byCode.ignoreMail()
  const offer = await byCode.typeCode(await byCode.typeEmail(await rig.arrive(byCode)))
  t.true(offer.elsewhere || offer.url.pathname.includes('/interaction/'))
  t.is((await byCode.browser.open(list)).heading, 'Passkeys')

  const page = await owner.browser.open(path)
  const done = await owner.browser.submit(page, page.form(path, 'Turn on'))
  t.is(done.url.pathname, list)
  t.regex(done.text, /From now on you sign in with passkeys only/)
  t.true(await isOn(rig, owner))
  t.like((await rig.changesOf(owner.accountId)).find(({ kind }) => kind === 'passkeys_only_on'), { userAgent: 'Chrome on Linux' })
  t.is((await rig.subjects(owner.email))[0], 'Your sign-in details at Latchkey changed')
  t.regex((await byCode.browser.open(list)).url.pathname, /^\/interaction\//, 'a session by a code')
  t.true(await rig.passkeyOpens(owner))

  const back = await owner.browser.open(path)
  t.is(back.heading, 'Allow codes again?')
  await owner.browser.submit(back, back.form(path, 'Allow codes'))
  t.false(await isOn(rig, owner))
})

test('nobody switches it without a fresh passkey, either way', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await giveCodes(rig, owner)
  for (const [to, button] of [['on', 'Turn on'], ['off', 'Allow codes']] as const) {
    const page = await owner.browser.open(path)
    rig.server.advance(6 * 60_000)
    const refused = await owner.browser.submit(page, page.form(path, button))
    t.regex(refused.url.pathname, /^\/interaction\//)
    t.is(await isOn(rig, owner), to === 'off')
    const again = await owner.usePasskey(refused)
    t.is(again.url.pathname, path)
    await owner.browser.submit(again, again.form(path, button))
    t.is(await isOn(rig, owner), to === 'on')
  }
})

test('of two windows the second hears that it was done', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await giveCodes(rig, owner)
  const page = await owner.browser.open(path)
  await owner.browser.submit(page, page.form(path, 'Turn on'))
  t.regex((await owner.browser.submit(page, page.form(path, 'Turn on'))).text, /changed in another window/)
})
