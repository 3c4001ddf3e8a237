/** "Save your recovery codes" of a new account that has nothing but a name: made by one press. */
import test, { type ExecutionContext } from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createNewcomer } from './newcomer.ts'

const minute = 60_000
const off = { signIn: false, signUp: 'off' }
const codesOn = ({ html }: Page) => [...html.matchAll(/<code>([A-Z2-9]{4}-[A-Z2-9]{4})<\/code>/g)].map(([, code]) => code)

/** At the page with the button. */
async function signedUp(t: ExecutionContext) {
  const server = await startInProcess({ config: { identifiers: { email: off, phone: off, username: { signIn: true, signUp: 'required' } } }, clients: [shop] })
  t.teardown(() => server.dispose())
  const newcomer = createNewcomer(server)
  const authorization = await (await createApp(server.issuer, shop)).authorize()
  const page = await newcomer.fill(authorization, { identifier: 'somebody' })
  t.is(page.heading, 'Save your recovery codes')
  const { accountId } = (await server.foundation.storage.identifiers.get('username:somebody'))!
  const press = (from: Page, button: string, values = {}) => newcomer.browser.submit(from, '/recovery-codes', { button, values })
  return { server, newcomer, accountId, authorization, page, press, factor: () => server.foundation.storage.factors.get(`recovery_codes:${accountId}`) }
}

test('a second press makes no new codes: those on the page that came first stay good', async (t) => {
  const { server, page, press, factor } = await signedUp(t)
  const shown = await press(page, 'Show my codes')
  t.is(codesOn(shown).length, 10)
  const made = await factor()
  server.advance(1_000)
  const again = await press(page, 'Show my codes')
  t.is(again.status, 409)
  t.deepEqual(codesOn(again), [])
  t.deepEqual(await factor(), made)
  t.not((await press(shown, 'Continue', { saved: '1' })).heading, 'Save your recovery codes', 'they are taken as saved')
})

test('who has lost the page makes new ones, which end the old', async (t) => {
  const { newcomer, page, press, factor } = await signedUp(t)
  const first = codesOn(await press(page, 'Show my codes'))
  const made = await factor()
  const reloaded = await newcomer.browser.open(page.url)
  t.deepEqual(codesOn(reloaded), [])
  const second = codesOn(await newcomer.browser.submit(reloaded, '/recovery-codes', { button: 'make' }))
  t.is(second.length, 10)
  t.false(second.some((code) => first.includes(code)))
  t.notDeepEqual(await factor(), made)
})

test('however long the page stood open, the codes are made: nothing else would lead on', async (t) => {
  const { server, page, press, newcomer, authorization } = await signedUp(t)
  server.advance(20 * minute)
  const shown = await press(page, 'Show my codes')
  t.is(codesOn(shown).length, 10)
  server.advance(20 * minute)
  const again = await newcomer.browser.submit(await newcomer.browser.open(page.url), '/recovery-codes', { button: 'make' })
  t.is(codesOn(again).length, 10, 'nor is one who lost that page stuck')
  t.truthy((await authorization.finish((await press(again, 'Continue', { saved: '1' })).url)).claims()?.sub)
})

test('an account whose changes were stopped gets none', async (t) => {
  const { server, accountId, page, press, factor } = await signedUp(t)
  await server.foundation.storage.accounts.update(accountId, (account) => ({ ...account, frozen: { at: 1, since: 1, changeIds: ['x'] } }))
  const refused = await press(page, 'Show my codes')
  t.is(refused.status, 409)
  t.deepEqual(codesOn(refused), [])
  t.is(await factor(), undefined)
})
