/** Where a help link lets a passkey be made, by policy and device, and what becomes of one in another place. */
import test from 'ava'
import type { Place } from '../../src/policy/cross-device.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { HttpBrowser, Page } from '../helpers/http-browser.ts'
import { openForm, passkeysOf } from './enrol-rig.ts'
import { start, type Rig } from './rig.ts'

const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

const formsOf = (page: Page) => page.forms.filter(({ data }) => data['passkey'] === 'create')
const placesOf = (page: Page) => formsOf(page).map(({ values }) => values['place'])

/** The press that binds the link, with what script says of the browser. */
async function pressWith(browser: HttpBrowser, link: string, platform: boolean | undefined): Promise<Page> {
  const page = await browser.open(link)
  const capabilities = platform === undefined ? '' : JSON.stringify({ webauthn: true, platform })
  return browser.submit(page, openForm(page, link), { values: { capabilities } })
}

async function make({ server }: Rig, browser: HttpBrowser, page: Page, place: Place, attachment: 'platform' | 'cross-platform'): Promise<{ page: Page; id: string }> {
  const form = formsOf(page).find(({ values }) => values['place'] === place)!
  const response = createAuthenticator({ attachment, ...(attachment === 'platform' ? { transports: ['internal'] } : { transports: ['usb'], backupEligible: false }) }).create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })
  return { id: response.id, page: await browser.submit(page, form, { values: { response: JSON.stringify(response) } }) }
}

for (const [crossDevice, userAgent, platform, places] of [
  ['minimize', undefined, true, ['here']],
  ['minimize', undefined, undefined, ['here']],
  ['standard', undefined, true, ['here', 'elsewhere']],
  ['standard', undefined, false, ['elsewhere']],
  ['maximize', undefined, true, ['elsewhere', 'here']],
  ['maximize', undefined, false, ['elsewhere']],
  ['maximize', iPhone, true, ['here', 'elsewhere']],
] as const) {
  test(`${crossDevice}, ${userAgent ? 'phone' : 'laptop'}, an authenticator of its own: ${platform ?? 'it does not say'}`, async (t) => {
    const rig = await start(t, { config: { passkeys: { crossDevice } } })
    const { accountId } = await rig.newOwner({ passkey: false })
    const browser = rig.newBrowser(userAgent ? { 'user-agent': userAgent } : {})
    const offer = await pressWith(browser, await rig.enrolLink(accountId), platform)
    t.is(offer.heading, 'Create your new passkey')
    t.deepEqual(placesOf(offer), [...places])
  })
}

test('minimize, and nothing here to keep one: the link stays good for a device that can', async (t) => {
  const rig = await start(t, { config: { passkeys: { crossDevice: 'minimize' } } })
  const { accountId } = await rig.newOwner()
  const link = await rig.enrolLink(accountId)
  const desktop = rig.newBrowser()
  const page = await pressWith(desktop, link, false)
  t.is(page.heading, 'This device cannot keep a passkey')
  t.is(page.status, 200)
  const laptop = rig.newBrowser()
  const offer = await pressWith(laptop, link, true)
  t.is(offer.heading, 'Create your new passkey')
  t.is((await make(rig, laptop, offer, 'here', 'platform')).page.heading, 'Your passkey is ready')
})

test('minimize: one of a security key is refused, dropped, and the link is not used up', async (t) => {
  const rig = await start(t, { config: { passkeys: { crossDevice: 'minimize' } } })
  const { accountId } = await rig.newOwner()
  const browser = rig.newBrowser()
  const offer = await pressWith(browser, await rig.enrolLink(accountId), true)
  const { page: refused, id } = await make(rig, browser, offer, 'here', 'cross-platform')
  t.is(refused.heading, 'No passkey was created')
  t.regex(refused.text, /accepts only a passkey on this device\..*The link still works in this browser\./s)
  t.true(refused.html.includes(`&quot;unknown&quot;:&quot;${id}&quot;`) || refused.html.includes(`"unknown":"${id}"`), 'the browser may drop it')
  t.is((await passkeysOf(rig, accountId)).length, 1, 'only the one of the sign-up')
  t.is((await make(rig, browser, refused, 'here', 'platform')).page.heading, 'Your passkey is ready')
})

test('a security key that is full: this device, or another key', async (t) => {
  const rig = await start(t)
  const { accountId } = await rig.newOwner()
  const browser = rig.newBrowser()
  const offer = await pressWith(browser, await rig.enrolLink(accountId), true)
  const full = await browser.submit(offer, formsOf(offer)[1]!, { values: { error: 'ConstraintError' } })
  t.regex(full.text, /This security key cannot store another passkey, or has no PIN yet\./)
  t.deepEqual(formsOf(full).map(({ buttons }) => buttons[0]?.text), ['Use this device', 'Try another key'])
  const made = await make(rig, browser, full, 'elsewhere', 'cross-platform')
  t.regex(made.page.text, /It stays on the phone or security key/)
})
