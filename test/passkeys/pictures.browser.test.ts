/** Pictures of a list that the operator loaded, beside a passkey, in a real browser. */
import test from 'ava'
import { readCommunityList } from '../../src/passkeys/community-list.ts'
import type { Chromium } from '../helpers/chromium.ts'
import { createPerson } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'

/** How Chromium's virtual authenticator calls itself. */
const virtual = '01020304-0506-0708-0102-030405060708'
const drawing = (colour: string) =>
  `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><style>.a{fill:${colour}}</style><script>document.title = 'run'</script><path class="a" d="M0 0h24v24H0z"/></svg>`).toString('base64')}`
const { list } = readCommunityList(JSON.stringify({ [virtual]: { name: 'Example Keeper', icon_light: drawing('#ff0000'), icon_dark: drawing('#00ff00') } }))

let server: Server
let chromium: Chromium
setUpChromium(
  () => startServer({ files: { '../data/authenticators.json': JSON.stringify(list) } }),
  (started) => ({ server, chromium } = started),
)

for (const [colorScheme, colour] of [['light', [255, 0, 0]], ['dark', [0, 255, 0]]] as const) {
  test.serial(`a new passkey is shown with its keeper's name and picture on ${colorScheme} pages`, async (t) => {
    const tab = await chromium.open({ context: { colorScheme } })
    const { page } = tab
    const person = createPerson(server, tab)
    await person.goToSignIn()
    await person.signUp()
    await person.press('Create a passkey')
    await person.isAt('Your passkey is ready')
    await page.getByText('Example Keeper').waitFor()
    const picture = page.locator('.card img')
    t.is(await picture.getAttribute('alt'), '')
    const drawn = await picture.evaluate(async (image: HTMLImageElement) => {
      await image.decode()
      const canvas = Object.assign(document.createElement('canvas'), { width: 24, height: 24 })
      const context = canvas.getContext('2d')
      context?.drawImage(image, 0, 0, 24, 24)
      return { address: image.currentSrc, width: image.width, colour: [...(context?.getImageData(12, 12, 1, 1).data ?? [])].slice(0, 3) }
    })
    t.deepEqual(drawn.colour, [...colour])
    t.is(drawn.width, 24)
    t.deepEqual(tab.complaints, [])

    const answer = await page.goto(drawn.address)
    t.is(answer?.headers()['content-security-policy'], "default-src 'none'; sandbox")
    t.not(await page.title(), 'run')
    t.is(await page.evaluate(() => self.origin), 'null', 'opened by itself it is nobody')
  })
}
