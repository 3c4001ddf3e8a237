import { startChromium } from '../test/helpers/chromium.ts'
import { trafficOf } from '../test/helpers/page-checks.ts'
import { authorizationUrl } from './login-flow.ts'
import { startOurs } from './target.ts'

/** What the identifier screen costs a browser that was never here: bytes over the wire and requests. */
export async function page() {
  const ours = await startOurs()
  const chromium = await startChromium()
  try {
    const tab = await chromium.open()
    const authorize = authorizationUrl(ours.endpoints.authorization_endpoint, 'a verifier that nobody redeems').href
    const { bytes, urls } = await trafficOf(tab, () => tab.page.goto(authorize))
    // the redirect from the authorization endpoint is not part of the page
    const requests = urls.filter(url => url !== authorize)
    const thirdParty = requests.filter(url => new URL(url).origin !== ours.issuer).length
    const files = requests.map(url => new URL(url).pathname.replace(/^\/interaction\/[^/]+$/, '/interaction/:uid'))
    return [{ bench: 'page', bytes, target: { bytes: 25_000, requests: 5, thirdParty: 0 }, requests: requests.length, thirdParty, files }]
  } finally {
    await chromium.close()
    await ours.stop()
  }
}
