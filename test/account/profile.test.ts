/** Name and language, and everything that is kept as a file. */
import test from 'ava'
import { createVisitor } from '../helpers/visitor.ts'
import { start } from './rig.ts'

const path = '/account/profile'

test('a name that apps are told, and a language that mails are in', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  t.is(page.heading, 'Profile and data')
  const done = await owner.browser.submit(page, page.form(path, 'Save'), { values: { name: ' Maya\u202E  Lind ', language: 'de' } })
  t.regex(done.text, /Gespeichert/)
  t.like(await rig.account(owner.accountId), { name: 'Maya Lind', locale: 'de' })
  const authorization = await rig.app.authorize({ scope: 'openid profile', prompt: 'consent' })
  const back = await owner.browser.open(authorization.url)
  const tokens = await authorization.finish((back.elsewhere ? back : await owner.browser.submit(back, '/consent')).url)
  t.is((await rig.app.userinfo(tokens))['name'], 'Maya Lind')

  const again = await owner.browser.open(path)
  await owner.browser.submit(again, again.form(path, 'Speichern'), { values: { name: '', language: 'xx' } })
  t.false('name' in (await rig.account(owner.accountId)))
  t.is((await rig.account(owner.accountId)).locale, 'de')
  const long = await owner.browser.submit(again, again.form(path, 'Speichern'), { values: { name: 'x'.repeat(101) } })
  t.is(long.status, 400)
  t.regex(long.text, /höchstens 100 Zeichen/)
})

test('the file has everything that is kept, and nothing that opens the account', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const elsewhere = createVisitor(rig.server, owner)
  await elsewhere.usePasskey(await rig.arrive(elsewhere))
  const page = await owner.browser.open(path)
  const { csrf = '' } = page.form('/account/data', 'Download my data').values
  const answer = await owner.browser.post(page, '/account/data', new URLSearchParams({ csrf }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
  t.is(answer.status, 200)
  t.regex(String(answer.headers['content-disposition']), /attachment; filename="my-data\.json"/)
  const file = JSON.parse(answer.body) as Record<string, unknown[]> & { account: { sub: string } }
  t.is(file.account.sub, owner.accountId)
  t.like(file['identifiers']?.[0], { kind: 'email', value: owner.email })
  t.deepEqual(['passkeys', 'devices', 'sessions', 'apps', 'changes'].map(name => file[name]?.length), [1, 2, 2, 1, 1])
  const { storage } = rig.server.foundation
  t.is(file['activity']?.length, (await storage.audit.query({ accountId: owner.accountId, limit: 1000 })).length)
  const [passkey] = await storage.passkeys.listByAccount(owner.accountId)
  const account = await rig.account(owner.accountId)
  for (const secret of [passkey!.publicKey, account.userHandle, ...(await storage.devices.listByAccount(owner.accountId)).map(({ deviceHash }) => deviceHash)]) t.false(answer.body.includes(secret))
})

test('of thousands of entries none is missing, and none is there twice', async t => {
  const rig = await start(t, { still: true })
  const owner = await rig.newOwner()
  const { storage } = rig.server.foundation
  const entry = { at: storage.clock.now(), accountId: owner.accountId, type: 'sign_out', detail: { everywhere: false } }
  for (let i = 0; i < 1100; i++) await storage.audit.append({ ...entry, id: `e${i}`, at: entry.at + Math.floor(i / 7) })
  rig.server.advance(60_000)
  const page = await owner.browser.open(path)
  const { csrf = '' } = page.form('/account/data', 'Download my data').values
  const answer = await owner.browser.post(page, '/account/data', new URLSearchParams({ csrf }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
  const { activity } = JSON.parse(answer.body) as { activity: { type: string }[] }
  t.is(activity.filter(({ type }) => type === 'sign_out').length, 1100)
})
