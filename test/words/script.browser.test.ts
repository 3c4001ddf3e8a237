/** What only a browser's script can find out: no passkeys, no connection. What is said, and what leads on. */
import test from 'ava'
import { identifierPage, type IdentifierProps } from '../../views/login/identifier.ts'
import { passkeyFailedPage } from '../../views/login/passkey-failed.ts'
import type { PageContext } from '../../views/page.ts'
import { type Chromium, scriptIsThere, type Tab } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { type PageServer, startPageServer } from '../views/page-server.ts'
import { languages, type Said } from './rig.ts'

const options = { challenge: 'Y2hhbGxlbmdl', rpId: 'localhost', userVerification: 'required', timeout: 300_000, allowCredentials: [] }
const first = (more: Partial<IdentifierProps> = {}) => (page: PageContext) =>
  identifierPage(page, { kinds: ['email'], passkey: { options }, knownDevice: false, remember: { checked: false, kinds: ['email'], staysSignedIn: true }, ...more })

const views = {
  first: first(),
  'first-known': first({ knownDevice: true }),
  inside: first({ inApp: 'ios' }),
  failed: (page: PageContext) =>
    passkeyFailedPage(page, { notice: 'refused', email: 'maya@example.com', to: { email: 'maya@example.com' }, options, againFirst: true, canTryAgain: true, others: ['email_otp', 'other_device'], stepUp: false, canSkip: false, canRecover: false }),
}

let server: PageServer
let chromium: Chromium
setUpChromium(() => startPageServer(views), (started) => ({ server, chromium } = started))

const shownButtons = ({ page }: Tab): Promise<string[]> =>
  page.locator('main .button:visible').evaluateAll((buttons) => buttons.map(({ textContent }) => (textContent ?? '').replaceAll('\u00ad', '')))
const filled = ({ page }: Tab): Promise<string[]> =>
  page.locator('main .button:visible').evaluateAll((buttons) => buttons.filter((button) => getComputedStyle(button).backgroundColor === 'rgb(51, 85, 255)').map(({ textContent }) => textContent ?? ''))

const tooOld: Said = { en: 'This browser is too old for passkeys. You can sign in with a code, or update it.', de: 'Dieser Browser ist zu alt für Passkeys. Sie können sich mit einem Code anmelden oder den Browser aktualisieren.' }
const carryOn: Said = { en: 'Continue', de: 'Weiter' }
const sendCode: Said = { en: 'Send a code to maya@example.com', de: 'Code an maya@example.com senden' }
const offline: Said = { en: 'You are offline, or we did not answer.', de: 'Sie sind offline, oder wir haben nicht geantwortet.' }
const again: Said = { en: 'Try again', de: 'Erneut versuchen' }

for (const language of languages) {
  for (const [name, leads] of [['first', carryOn], ['first-known', carryOn], ['failed', sendCode]] as const) {
    test(`a browser that is too old, ${name}: what works there comes first (${language})`, async (t) => {
      const tab = await chromium.open()
      await tab.page.addInitScript('delete globalThis.PublicKeyCredential')
      await server.open(tab, name, { locale: language })
      await scriptIsThere(tab)
      t.true(await tab.page.getByText(tooOld[language]).isVisible())
      t.deepEqual(await shownButtons(tab), [leads[language]], 'nothing that needs a passkey')
      t.deepEqual(await filled(tab), [leads[language]])
      await tab.context.close()
    })
  }

  test(`the connection is lost: the page stays, and "${again[language]}" goes on (${language})`, async (t) => {
    const tab = await chromium.open()
    const { page, context } = tab
    await server.open(tab, 'first', { locale: language })
    await scriptIsThere(tab)
    await page.locator('#identifier').fill('maya@example.com')
    await context.setOffline(true)
    await page.getByRole('button', { name: carryOn[language], exact: true }).click()
    await page.getByText(offline[language]).waitFor()
    t.is(await page.locator('#identifier').inputValue(), 'maya@example.com')
    await context.setOffline(false)
    await page.getByRole('button', { name: again[language], exact: true }).click()
    t.is((await server.posted(tab, '/interaction/abc/identifier'))['identifier'], 'maya@example.com')
    await context.close()
  })

  test(`inside another app: the app's address can be copied, and a code works (${language})`, async (t) => {
    const tab = await chromium.open()
    await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await server.open(tab, 'inside', { locale: language })
    await scriptIsThere(tab)
    t.deepEqual(await shownButtons(tab), [carryOn[language]])
    await tab.page.getByRole('button', { name: { en: 'Copy address of Example Shop', de: 'Adresse von Example Shop kopieren' }[language] }).click()
    await tab.page.getByText({ en: 'Copied.', de: 'Kopiert.' }[language]).waitFor()
    t.is(await tab.page.evaluate(() => navigator.clipboard.readText()), 'https://shop.example.com/', 'never the address of this page')
    await tab.context.close()
  })
}
