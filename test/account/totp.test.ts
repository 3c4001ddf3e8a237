/** The authenticator app: set up and removed on the account's pages. */
import test from 'ava'
import decodeQR from 'qr/decode.js'
import { fromBase32 } from '../../src/verification/base32.ts'
import { stepAt, totpCode } from '../../src/verification/totp.ts'
import type { Page } from '../helpers/http-browser.ts'
import { notMeLink, type Rig, start, ticketIn } from './rig.ts'

const minute = 60_000
const path = '/account/totp'

/** The key of the page, as somebody types it from there. */
function keyOn(page: Page): string {
  const key = /<code>(.*?)<\/code>/.exec(page.html)?.[1]?.replace(/<[^>]*>/g, '')
  if (!key) throw new Error('no key on the page')
  return key
}

const codeOf = ({ server }: Rig, key: string, ms = 0) => totpCode(fromBase32(key) ?? new Uint8Array(), stepAt(server.foundation.storage.clock.now() + ms))
/** What a camera reads from the page's image. */
function scanned(page: Page): string {
  const html = page.html.replace(/&#x(\w+);/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  const svg = Buffer.from(/src="data:image\/svg\+xml;base64,([^"]*)"/.exec(html)?.[1] ?? '', 'base64').toString()
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1])
  const scale = 4
  const width = size * scale
  const data = new Uint8ClampedArray(width * width * 4).fill(255)
  for (const [, x, y, run] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(run)) * scale; column++) data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3)
    }
  }
  return decodeQR({ width, height: width, data })
}

const send = (owner: Owner, page: Page, code: string) => owner.browser.submit(page, '/totp', { button: 'Finish set-up', values: { code } })
type Owner = Awaited<ReturnType<Rig['newOwner']>>

async function setUp(rig: Rig, owner: Owner): Promise<string> {
  const page = await owner.browser.open(path)
  const key = keyOn(page)
  await send(owner, page, codeOf(rig, key))
  return key
}

test('scan, first code, done: recorded, told, and the key is seen no more', async t => {
  const rig = await start(t)
  const { account, changesOf, subjects, server } = rig
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  t.is(page.heading, 'Set up your authenticator app')
  const key = keyOn(page)
  t.is(fromBase32(key)?.length, 20)
  t.is(scanned(page), `otpauth://totp/Latchkey:${encodeURIComponent(owner.email)}?secret=${key}&issuer=Latchkey`)
  t.true(page.html.includes('alt="QR code with the key below"'))
  t.false(page.html.includes('otpauth:'), 'only phones open an app by an address')
  t.is(keyOn(await owner.browser.open(path)), key, 'the same after a reload')

  const empty = await send(owner, page, '')
  t.is(empty.status, 400)
  t.true(empty.text.includes('Type the code that the app shows.'))
  const wrong = await send(owner, page, '000000' === codeOf(rig, key) ? '111111' : '000000')
  t.is(wrong.status, 400)
  t.true(wrong.text.includes('This code does not fit the key.'))
  t.is(keyOn(wrong), key)
  t.is((await account(owner.accountId)).factors, undefined)
  t.deepEqual(await changesOf(owner.accountId), [])

  const code = codeOf(rig, key)
  const done = await send(owner, wrong, `${code.slice(0, 3)} ${code.slice(3)}`)
  t.is(done.url.pathname, '/account/ways')
  t.true(done.text.includes('Your authenticator app is set up.'))
  t.truthy((await account(owner.accountId)).factors?.totp)
  t.like((await changesOf(owner.accountId))[0], { kind: 'method_added', subject: `totp:${owner.accountId}`, userAgent: 'Chrome on Linux' })
  t.deepEqual(await subjects(owner.email), ['Your sign-in details at Latchkey changed'])
  const [mail] = await server.outbox()
  t.regex(mail?.text ?? '', /^An authenticator app was added,/m)

  const again = await owner.browser.open(path)
  t.is(again.heading, 'Remove your authenticator app?')
  t.false(again.html.includes(key))
})

test('on a phone the address of the key opens the app', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path, { headers: { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1' } })
  const { href } = page.links.find(({ text }) => text === 'Open the app on this device') ?? {}
  t.is(href, `otpauth://totp/Latchkey:${encodeURIComponent(owner.email)}?secret=${keyOn(page)}&issuer=Latchkey`)
})

test('a key that waited too long is replaced, and the page says so', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  const key = keyOn(page)
  rig.server.advance(4 * minute)
  t.is(keyOn(await owner.browser.open(path)), key)
  // The key outlives the proof by which the page was opened: whoever comes later proves once more.
  await rig.server.foundation.storage.ephemeral.delete(`totp:${owner.accountId}:account:${(await sessionOf(rig, owner)).uid}`)
  const late = await send(owner, page, codeOf(rig, key))
  t.is(late.status, 400)
  t.true(late.text.includes('so here is a new key'))
  t.not(keyOn(late), key)
})

const sessionOf = async ({ server }: Rig, { accountId }: Owner) =>
  (await server.foundation.storage.artifacts.listByAccount('Session', accountId))[0]?.payload as { uid: string }

test('sent twice, it is set up once', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  const code = codeOf(rig, keyOn(page))
  await send(owner, page, code)
  const second = await send(owner, page, code)
  t.true(second.text.includes('This changed in another window.'))
  t.is((await rig.changesOf(owner.accountId)).length, 1)
})

test('an old proof is not enough, to set up or to remove', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(path)
  const key = keyOn(page)
  rig.server.advance(6 * minute)
  t.false((await owner.browser.open(path)).html.includes(key), 'nor is the key shown')
  const asked = await send(owner, page, codeOf(rig, key))
  t.not(asked.url.pathname, path)
  t.is((await rig.account(owner.accountId)).factors, undefined)
  const back = await owner.usePasskey(asked)
  t.is(back.heading, 'Set up your authenticator app')
  t.is(keyOn(back), key, 'the one that was scanned already')
  await send(owner, back, codeOf(rig, key))
  t.truthy((await rig.account(owner.accountId)).factors?.totp)

  const remove = await owner.browser.open(path)
  rig.server.advance(6 * minute)
  const askedAgain = await owner.browser.submit(remove, '/totp', { button: 'Remove app' })
  t.not(askedAgain.url.pathname, path)
  t.truthy((await rig.account(owner.accountId)).factors?.totp)
})

test('removed: told, recorded, and gone', async t => {
  const rig = await start(t)
  const { account, changesOf, server } = rig
  const owner = await rig.newOwner()
  await setUp(rig, owner)
  const page = await owner.browser.open(path)
  t.true(page.text.includes('From there you can stop it for 7 days.'))
  const done = await owner.browser.submit(page, '/totp', { button: 'Remove app' })
  t.true(done.text.includes('Your authenticator app was removed.'))
  t.is((await account(owner.accountId)).factors, undefined)
  t.deepEqual(await server.foundation.storage.factors.listByAccount(owner.accountId), [])
  t.like((await changesOf(owner.accountId)).find(({ kind }) => kind === 'method_removed'), { subject: `totp:${owner.accountId}` })
  t.true((await owner.browser.submit(page, '/totp', { button: 'Remove app' })).text.includes('This changed in another window.'))
  t.is((await owner.browser.open(path)).heading, 'Set up your authenticator app')
})

test('another window removes what else opens the account while this one removes the app: the app stays', async t => {
  const rig = await start(t, { config: { identifiers: { username: { signIn: true } } } })
  const owner = await rig.newOwner()
  await setUp(rig, owner)
  const { accounts, changes } = rig.server.foundation.storage
  const page = await owner.browser.open(path)
  const insert = changes.insert.bind(changes)
  changes.insert = async change => {
    await accounts.update(owner.accountId, account => ({ ...account, credentialIds: [], identifiers: [{ kind: 'username', value: 'maya' }] }))
    await insert(change)
  }
  await owner.browser.submit(page, '/totp', { button: 'Remove app' })
  t.truthy((await rig.account(owner.accountId)).factors?.totp)
  t.is((await rig.server.foundation.storage.factors.listByAccount(owner.accountId)).length, 1)
  t.is((await rig.subjects(owner.email)).length, 1, 'nobody is told of what did not happen')
})

test('"this was not me" takes a disowned app away', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await setUp(rig, owner)
  const [mail] = await rig.server.outbox()
  const reader = rig.newBrowser()
  const link = notMeLink(mail ?? { text: '' })
  const asked = await reader.open(link)
  t.true(asked.text.includes('Authenticator app'))
  await reader.submit(asked, `/${ticketIn(link)}`, { button: 'No, stop it' })
  t.is((await rig.account(owner.accountId)).factors, undefined)
  t.truthy((await rig.account(owner.accountId)).frozen)
  t.false((await owner.browser.open(path)).heading === 'Set up your authenticator app', 'and nothing new can be set up')
})

test('the only way in stays', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await setUp(rig, owner)
  const page = await owner.browser.open(path)
  // As it is for somebody with a username and an app, who is signed in with these.
  const { artifacts, accounts, clock } = rig.server.foundation.storage
  await accounts.update(owner.accountId, account => ({ ...account, identifiers: [{ kind: 'username', value: 'ada' }], credentialIds: [] }))
  const [session] = await artifacts.listByAccount('Session', owner.accountId)
  await artifacts.patch('Session', session!.key, { proofs: [{ method: 'totp', at: clock.now(), accountId: owner.accountId, usablePasskey: false }] })
  for (const refused of [await owner.browser.open(path), await owner.browser.submit(page, '/totp', { button: 'Remove app' })]) {
    t.true(refused.text.includes('This is your only way in. Add another first.'))
    t.false(refused.text.includes('Remove app'))
  }
  t.truthy((await rig.account(owner.accountId)).factors?.totp)
})

test('where the operator offers none there is no page', async t => {
  const rig = await start(t, { config: { verification: { methods: ['email_otp'] } } })
  const owner = await rig.newOwner()
  t.is((await owner.browser.open(path)).status, 404)
  t.false((await owner.browser.open('/account/ways')).text.includes('Authenticator app'))
})
