/** The checks themselves: each must see what it is there to see. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { type Chromium, narrow, startChromium } from './chromium.ts'
import { layoutShift, seriousViolations, sidewaysScroll, trafficOf } from './page-checks.ts'

const pages: Record<string, string> = {
  '/good': '<main><h1>Good</h1><p>All is well.</p></main>',
  '/bad': '<main><h1>Bad</h1><input><div style="width: 400px">wide</div><p>moved</p></main><script src="/shift.js"></script>',
}
const shift = `requestAnimationFrame(() => requestAnimationFrame(() => {
  document.querySelector('main').prepend(Object.assign(document.createElement('div'), { style: 'height: 200px' }))
}))`

let chromium: Chromium
let server: Server
let origin: string

test.before(async () => {
  server = createServer(({ url = '' }, response) => {
    const body = pages[url]
    response.setHeader('content-type', url === '/shift.js' ? 'text/javascript' : 'text/html')
    response.end(url === '/shift.js' ? shift : `<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,">${body ?? ''}`)
  })
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  chromium = await startChromium()
})
test.after.always(async () => {
  await chromium?.close()
  server?.close()
})

test('a good page passes every check', async t => {
  const tab = await chromium.open({ context: narrow })
  const traffic = await trafficOf(tab, () => tab.page.goto(`${origin}/good`))
  t.deepEqual(traffic.urls, [`${origin}/good`])
  t.true(traffic.bytes > 100 && traffic.bytes < 1000)
  t.is(await layoutShift(tab), 0)
  t.is(await sidewaysScroll(tab), 0)
  t.deepEqual(await seriousViolations(tab), [])
  t.deepEqual(tab.complaints, [])
})

test('a bad page fails every check', async t => {
  const tab = await chromium.open({ context: narrow })
  const traffic = await trafficOf(tab, () => tab.page.goto(`${origin}/bad`))
  t.is(traffic.urls.length, 2)
  t.true((await layoutShift(tab)) > 0.01)
  t.true((await sidewaysScroll(tab)) > 0)
  t.deepEqual(await seriousViolations(tab), ['label: input'])
})

test('a passkey made in one tab works in the next', async t => {
  const tab = await chromium.open({ authenticator: { synced: true } })
  await tab.page.goto(`${origin}/good`)
  await tab.page.evaluate(async () => {
    await navigator.credentials.create({
      publicKey: {
        rp: { name: 't' },
        user: { id: new Uint8Array(8), name: 'maya', displayName: 'maya' },
        challenge: new Uint8Array(16),
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      },
    })
  })
  const beside = await chromium.openBeside(tab)
  await beside.page.goto(`${origin}/good`)
  const id = await beside.page.evaluate(async () => (await navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16) } }))?.id)
  t.is(typeof id, 'string')
})
