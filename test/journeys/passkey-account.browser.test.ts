/** The passkeys of an account, none, one and a dozen, on its own pages in Chromium. */
import test, { type ExecutionContext } from 'ava'
import type { CrossDevice } from '../../src/policy/cross-device.ts'
import { type Chromium, narrow, type TabOptions } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { seriousViolations, sidewaysScroll } from '../helpers/page-checks.ts'
import { androidPhone, type Apps, beside, count, hold, kinds, type Seat, sit, startApps } from './passkey-browser-rig.ts'

let server: Apps
let chromium: Chromium
setUpChromium(startApps, (started) => ({ server, chromium } = started))

const at = (path: string, { issuer } = server) => `${issuer}/account/${path}`

async function looksRight(t: ExecutionContext, { tab }: Seat, what: string) {
  t.deepEqual(await seriousViolations(tab), [], what)
  t.is(await sidewaysScroll(tab), 0, what)
}

/** Signed in, at the app, by a passkey of this browser; without one, by a code. */
async function owner({ passkey = true, apps = server, ...options }: TabOptions & { passkey?: boolean; apps?: Apps } = {}): Promise<Seat & { id: string }> {
  const account = await apps.account(passkey ? kinds.internal : undefined)
  const seat = await sit(chromium, apps, { email: account.email, ...options })
  if (account.passkey) await hold(seat.tab.authenticator, account.passkey)
  await apps.arrive(seat.person)
  if (!account.passkey) {
    await seat.person.signInByCode()
    await seat.person.press('Not now')
  }
  await seat.person.isAt('You are signed in')
  return { ...seat, id: account.id }
}

const cards = ({ tab }: Seat) => tab.page.locator('.passkey-card')

test.serial('none: what a passkey is; the first one is made here and named; alone it is not enough to do without codes', async (t) => {
  const seat = await owner({ passkey: false })
  const { person, tab } = seat
  const { page } = tab
  await page.goto(at('passkeys'))
  await person.isAt('Passkeys')
  await page.getByText('You have none yet.').waitFor()
  t.true(await page.getByText('What is a passkey?').isVisible())
  await looksRight(t, seat, 'none')
  await page.getByRole('link', { name: 'Add a passkey' }).click()
  await person.isAt('Add a passkey')
  await looksRight(t, seat, 'adding')
  await person.press('Create a passkey')
  await page.getByText(/^Passkey added/).waitFor()
  t.is(await cards(seat).count(), 1)
  t.is(await page.getByRole('button', { name: /^Make default/ }).count(), 0)

  await page.getByRole('link', { name: /^Rename/ }).click()
  await page.getByLabel('Name').fill('Kitchen laptop')
  await page.keyboard.press('Enter')
  await page.getByText('It is now called Kitchen laptop.').waitFor()
  await page.getByRole('link', { name: 'Sign in with passkeys only' }).click()
  await person.isAt('Sign in with passkeys only?')
  t.is(await page.getByRole('button', { name: 'Turn on' }).count(), 0, 'one passkey is not enough')
  await looksRight(t, seat, 'passkeys only, not yet')
  t.deepEqual(tab.complaints, [])
})

test.serial('one here, one more on the phone; passkeys only; the last but one goes, the last one stays', async (t) => {
  const seat = await owner()
  const { person, tab, id } = seat
  const { page } = tab
  const phone = await beside(tab, { transport: 'hybrid' })
  await page.goto(at('passkeys'))
  await page.getByRole('link', { name: 'Use a phone or security key' }).click()
  await person.isAt('Add a passkey on another device')
  await phone.setPresent(true)
  await person.press('Show the QR code')
  await page.getByText(/^Passkey added/).waitFor()
  await phone.setPresent(false)
  t.is(await count(phone), 1)
  t.is(await cards(seat).count(), 2)
  t.is(await page.getByText('This device', { exact: true }).count(), 1)
  await page.getByRole('button', { name: /^Make default/ }).last().click()
  await page.getByText(/is now your default passkey/).waitFor()
  t.is(await page.getByText('Default', { exact: true }).count(), 1)

  await page.getByRole('link', { name: 'Sign in with passkeys only' }).click()
  await person.press('Turn on')
  await page.getByText('From now on you sign in with passkeys only.').waitFor()
  await cards(seat).filter({ hasNotText: 'This device' }).getByRole('link', { name: /^Remove/ }).click()
  await person.isAt(/^Remove .*\?$/)
  await looksRight(t, seat, 'the removal')
  await person.press('Remove passkey')
  await page.getByText(/^Passkey removed\./).waitFor()
  t.is(await cards(seat).count(), 1)
  await page.getByRole('link', { name: /^Remove/ }).click()
  await page.getByText('This is your only way in. Add another first.').waitFor()
  t.is(await page.getByRole('button', { name: 'Remove passkey' }).count(), 0)
  await looksRight(t, seat, 'the only way in')
  t.is((await server.foundation.storage.accounts.get(id))?.credentialIds.length, 1)
  t.deepEqual(tab.complaints, [])
})

test.serial('one that is here already is not made twice', async (t) => {
  const { person, tab } = await owner()
  await tab.page.goto(at('passkey-create'))
  await person.press('Create a passkey')
  await tab.page.getByText('This device has a passkey for your account already.').waitFor()
  t.is(await count(tab.authenticator), 1)
})

test.serial('a dozen: told apart, and nothing to scroll sideways on the narrowest screen', async (t) => {
  const seat = await owner({ context: narrow })
  const { tab, id } = seat
  const { passkeys, accounts } = server.foundation.storage
  const [first] = await passkeys.listByAccount(id)
  const more = Array.from({ length: 11 }, (_, index) => ({ ...first!, id: `${first!.id.slice(0, -2)}${index + 10}`, name: `A device with a rather long name ${index}` }))
  for (const passkey of more) await passkeys.insert(passkey)
  await accounts.update(id, (account) => ({ ...account, credentialIds: [first!.id, ...more.map((passkey) => passkey.id)] }))
  await tab.page.goto(at('passkeys'))
  t.is(await cards(seat).count(), 12)
  const names = await tab.page.locator('.passkey-card h2').allInnerTexts()
  t.is(new Set(names).size, 12)
  await looksRight(t, seat, 'a dozen')
  const labels = await tab.page.getByRole('link', { name: /^Remove/ }).evaluateAll((links) => links.map((link) => link.textContent))
  t.is(new Set(labels).size, 12, 'each says which one')
})

for (const [crossDevice, phone, leading] of [['minimize', false, ['Add a passkey']], ['maximize', false, ['Use a phone or security key', 'Add a passkey']], ['maximize', true, ['Add a passkey', 'Use a phone or security key']]] as [CrossDevice, boolean, string[]][]) {
  test.serial(`adding, ${crossDevice}${phone ? ' on a phone' : ''}: "${leading[0]}" leads, and works`, async (t) => {
    const apps = await startApps({ config: { passkeys: { crossDevice } } })
    t.teardown(apps.dispose)
    const seat = await owner({ passkey: false, apps, ...(phone && { context: androidPhone }) })
    const { person, tab } = seat
    const key = await beside(tab, { transport: 'usb' })
    await key.setPresent(true)
    await tab.page.goto(at('passkeys', apps))
    const links = tab.page.getByRole('link', { name: /^(Add a passkey|Use a phone or security key)$/ })
    t.deepEqual(await links.allInnerTexts(), leading)
    await links.first().click()
    await person.press(/^(Create a passkey|Show the QR code)$/)
    await tab.page.getByText(/^Passkey added/).waitFor()
    t.is(await count(leading[0] === 'Add a passkey' ? tab.authenticator : key), 1)
    t.deepEqual(tab.complaints, [])
  })
}

test.serial('the session ends in another tab: the next click says so, and changes nothing', async (t) => {
  const seat = await owner()
  const { person, tab, id } = seat
  const { page } = tab
  await page.goto(at('passkeys'))
  await page.getByRole('link', { name: /^Rename/ }).click()
  await page.getByLabel('Name').fill('Not to be')
  const other = await tab.context.newPage()
  await other.goto(`${server.issuer}/session/end`)
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor()
  await person.press('Save')
  await person.isAt('You were signed out')
  await looksRight(t, seat, 'signed out')
  const [passkey] = await server.foundation.storage.passkeys.listByAccount(id)
  t.not(passkey?.name, 'Not to be')
  await page.getByRole('link', { name: 'Sign in' }).or(page.getByRole('button', { name: 'Sign in', exact: true })).first().click()
  await page.waitForURL((url) => url.pathname.startsWith('/account/passkey'))
})

test.serial('Back after the sign-out shows nothing of the account', async (t) => {
  const seat = await owner()
  const { person, tab } = seat
  const { page } = tab
  await page.goto(at('passkeys'))
  await person.isAt('Passkeys')
  await page.goto(`${server.issuer}/session/end`)
  await person.press('Sign out')
  await person.isAt('You are signed out')
  await tab.authenticator.setPresent(false)
  for (let pages = 0; pages < 3; pages++) {
    await page.goBack()
    t.is(await cards(seat).count(), 0)
    t.is(await page.getByText(person.email).count(), 0)
  }
})
