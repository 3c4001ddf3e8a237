/** The authenticator app and the recovery codes in a real browser. */
import { readFile } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import decodeQR from 'qr/decode.js'
import { fromBase32 } from '../../src/verification/base32.ts'
import { stepAt, totpCode } from '../../src/verification/totp.ts'
import { type Chromium, phone, type Tab, type TabOptions } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { layoutShift, seriousViolations, sidewaysScroll } from '../helpers/page-checks.ts'
import { createPerson, type Person } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let server: Server
let chromium: Chromium
setUpChromium(startServer, (started) => ({ server, chromium } = started))

/** Somebody with an account and a passkey who is signed in, at a page of the account. */
async function ownerAt(path: string, options: TabOptions = {}): Promise<{ tab: Tab; person: Person }> {
  const tab = await chromium.open(options)
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await tab.page.goto(`${server.issuer}${path}`)
  return { tab, person }
}

async function looksRight(t: ExecutionContext, tab: Tab, what: string): Promise<void> {
  const shots = process.env['SHOTS']
  if (shots) await tab.page.screenshot({ path: `${shots}/${what.replaceAll(' ', '-')}.png`, fullPage: true })
  t.deepEqual(await seriousViolations(tab), [], what)
  t.is(await sidewaysScroll(tab), 0, what)
}

/** That a mistake was answered with 400 or 409 is none. */
const complaintsOf = ({ complaints }: Tab) => complaints.filter((text) => !/status of 4(00|09)/.test(text))

const codeFor = (key: string) => totpCode(fromBase32(key) ?? new Uint8Array(), stepAt(Date.now()))

/** What a camera in front of the screen reads. */
async function scan(tab: Tab): Promise<string> {
  const { width, height, data } = await tab.page.evaluate(() => {
    const image = document.querySelector<HTMLImageElement>('img.qr')!
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 400
    const context = canvas.getContext('2d')!
    context.drawImage(image, 0, 0, 400, 400)
    return { width: 400, height: 400, data: [...context.getImageData(0, 0, 400, 400).data] }
  })
  return decodeQR({ width, height, data: Uint8ClampedArray.from(data) })
}

const looks: { name: string; context: NonNullable<TabOptions['context']> }[] = [
  { name: 'desktop', context: {} },
  { name: 'phone dark', context: { ...phone, colorScheme: 'dark' } },
]

for (const { name, context } of looks) {
  test.serial(`${name}: scan, paste the code, and it is set up; then it is removed`, async t => {
    const { tab, person } = await ownerAt('/account/totp', { context })
    const { page } = tab
    await person.isAt('Set up your authenticator app')
    await looksRight(t, tab, `totp ${name}`)
    t.true((await layoutShift(tab)) < 0.02)
    const key = new URL(await scan(tab)).searchParams.get('secret') ?? ''
    t.is((await page.locator('.shown-key code').innerText()).replaceAll(/\s/g, ''), key)

    const field = page.getByLabel('Enter the code that the app shows')
    await field.fill('')
    await field.pressSequentially(codeFor(key) === '000000' ? '111111' : '000000')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await looksRight(t, tab, `totp wrong ${name}`)

    await page.reload()
    await person.isAt('Set up your authenticator app')
    // pasted whole it is sent by itself
    await field.evaluate((input: HTMLInputElement, code) => {
      input.value = code
      input.dispatchEvent(new InputEvent('input', { bubbles: true }))
    }, codeFor(key))
    await person.isAt('Ways to sign in')
    t.true(await page.getByText('Your authenticator app is set up.').isVisible())
    await looksRight(t, tab, `ways after totp ${name}`)

    await page.goto(`${server.issuer}/account/totp`)
    await person.isAt('Remove your authenticator app?')
    await looksRight(t, tab, `totp remove ${name}`)
    await person.press('Remove app')
    await page.getByText('Your authenticator app was removed.').waitFor()
    t.deepEqual(complaintsOf(tab), [])
  })

  test.serial(`${name}: codes are made, downloaded, copied and saved; a reload shows none again`, async t => {
    const { tab, person } = await ownerAt('/account/recovery-codes', { context: { ...context, acceptDownloads: true } })
    const { page } = tab
    await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await person.isAt(/^Recovery codes$/)
    await looksRight(t, tab, `codes make ${name}`)
    await person.press('Make recovery codes')
    await person.isAt('Save your recovery codes')
    await looksRight(t, tab, `codes ${name}`)
    t.true((await layoutShift(tab)) < 0.02)
    const codes = await page.locator('.recovery-codes code').allInnerTexts()
    t.is(codes.length, 10)

    const [download] = await Promise.all([page.waitForEvent('download'), person.press('Download')])
    t.is(download.suggestedFilename(), 'recovery-codes.txt')
    const file = await readFile(await download.path(), 'utf8')
    for (const code of codes) t.true(file.includes(code))
    await person.isAt('Save your recovery codes')
    await person.press('Copy')
    await page.getByText('Copied.').waitFor()
    t.is(await page.evaluate(() => navigator.clipboard.readText()), codes.join('\n'))
    await page.evaluate(() => {
      window.print = () => document.body.setAttribute('data-printed', '')
    })
    await person.press('Print')
    t.is(await page.locator('body[data-printed]').count(), 1)

    await person.press('Continue')
    await page.getByRole('alert').waitFor()
    await looksRight(t, tab, `codes not saved ${name}`)
    t.deepEqual(await page.locator('.recovery-codes code').allInnerTexts(), codes)
    await page.getByLabel('I saved them').check()
    await person.press('Continue')
    await page.getByText('Your new recovery codes work.').waitFor()
    t.deepEqual(complaintsOf(tab), [])

    await page.goBack()
    for (const code of codes) t.is(await page.getByText(code).count(), 0, 'Back shows none')
    await page.goto(`${server.issuer}/account/recovery-codes`)
    await person.press('Make new codes')
    await person.isAt('Save your recovery codes')
    await looksRight(t, tab, `codes replaced ${name}`)
    const fresh = await page.locator('.recovery-codes code').allInnerTexts()
    await page.reload()
    await person.isAt(/^Recovery codes$/)
    for (const code of fresh) t.is(await page.getByText(code).count(), 0)
    t.true(await page.getByText('You have 10 codes left.').isVisible())
    await looksRight(t, tab, `codes reloaded ${name}`)
  })
}

test.serial('without script the codes come as a file, and go on when they are saved', async t => {
  const scripted = await ownerAt('/account/recovery-codes')
  const context = { javaScriptEnabled: false, acceptDownloads: true, storageState: await scripted.tab.context.storageState() }
  const tab = await chromium.open({ context })
  const person = createPerson(server, tab)
  await tab.page.goto(`${server.issuer}/account/recovery-codes`)
  await person.press('Make recovery codes')
  await person.isAt('Save your recovery codes')
  t.is(await tab.page.getByRole('button', { name: /Print|Copy/ }).count(), 0, 'no button that does nothing')
  const [download] = await Promise.all([tab.page.waitForEvent('download'), person.press('Download')])
  t.regex(await readFile(await download.path(), 'utf8'), /^10\. [A-Z2-9]{4}-[A-Z2-9]{4}/m)
  await tab.page.getByLabel('I saved them').check()
  await person.press('Continue')
  await person.isAt('Ways to sign in')
})
