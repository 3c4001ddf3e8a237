/** Pages on another domain of the operator's use the same passkeys (WebAuthn 5.11): a real browser, over TLS, on origins of their own. */
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import type { PublicKeyCredentialRequestOptionsJSON } from '../../src/passkeys/types.ts'
import { startMailServer } from '../delivery/mail-server.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { startChromium, type Tab } from '../helpers/chromium.ts'
import { eventually } from '../helpers/eventually.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createPerson } from '../helpers/person.ts'
import { codeLine, type Mail } from '../helpers/server.ts'

const issuer = 'https://login.example.com'
const related = 'https://example.de'
const stranger = 'https://example-login.net'
const callback = `${stranger}/callback`
const hosts = [issuer, related, stranger].map((origin) => new URL(origin).hostname)

const start = `${issuer}/auth?${new URLSearchParams({
  client_id: 'shop', response_type: 'code', redirect_uri: callback, scope: 'openid',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
})}`

/** The server behind a TLS port, with plain pages on two other domains, and a browser for which all three are there. */
async function world(t: ExecutionContext) {
  const mail = await startMailServer(t)
  const server = await startInProcess({
    loopback: false,
    config: { issuer, mail: { smtp: mail.url }, passkeys: { relatedOrigins: [related] }, verification: { methods: ['email_otp'] } },
    clients: [{ client_id: 'shop', token_endpoint_auth_method: 'none', redirect_uris: [callback], latchkey: { firstParty: true } }],
  })
  t.teardown(() => server.dispose())
  const { key, cert, spki } = await selfSigned(...hosts)
  const tls = createServer({ key, cert }, (request, response) => {
    if (request.headers.host === new URL(issuer).host) return server.app.handle(request, response)
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>A page of the operator</title>')
  }).listen(0, '127.0.0.1')
  await once(tls, 'listening')
  t.teardown(() => {
    tls.closeAllConnections()
    tls.close()
  })
  const { port } = tls.address() as AddressInfo
  const rules = hosts.map((host) => `MAP ${host}:443 127.0.0.1:${port}`).join(',')
  const chromium = await startChromium({ args: [`--host-resolver-rules=${rules}`, `--ignore-certificate-errors-spki-list=${spki}`] })
  t.teardown(() => chromium.close())

  const mailTo = (address: string) =>
    eventually('a mail with a code', async (): Promise<Mail | undefined> => {
      const raw = mail.received.findLast(({ to, raw }) => to.includes(address) && codeLine.test(raw))?.raw
      return raw === undefined ? undefined : { to: address, subject: '', text: raw, html: '', at: 0 }
    })
  return { chromium, server, person: (tab: Tab) => createPerson({ ...server, mailTo }, tab) }
}

/** What a page's script gets that asks for a passkey of the RP ID: the answer as JSON, or the name of the error. */
function ask({ page }: Tab, options: string): Promise<string> {
  return page.evaluate(async (json) => {
    try {
      const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(json)) })
      return JSON.stringify(credential)
    } catch (error) {
      return error instanceof Error ? error.name : String(error)
    }
  }, options)
}

test('a page of a related origin uses the passkey, and the server takes its answer; other origins are refused by both', async (t) => {
  const { chromium, server, person: of } = await world(t)
  const tab = await chromium.open()
  const { page } = tab
  const person = of(tab)
  await page.goto(start)
  await person.signUp()
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
  await person.press(/^Continue/)
  await page.waitForURL(`${callback}?**`)

  const form = page.locator('form[data-passkey="get"]').first()
  /** A sign-in that waits for an answer, whoever brings it. */
  const waiting = async (): Promise<string> => {
    await page.goto('about:blank')
    await tab.context.clearCookies()
    await tab.authenticator.setPresent(false)
    await page.goto(start)
    await person.isAt('Sign in')
    return (await form.getAttribute('data-options')) ?? ''
  }
  const answer = (json: string) =>
    form.evaluate((element: HTMLFormElement, text) => {
      element.querySelector<HTMLInputElement>('[name="response"]')!.value = text
      element.submit()
    }, json)

  const options = await waiting()
  t.is((JSON.parse(options) as PublicKeyCredentialRequestOptionsJSON).rpId, 'login.example.com')
  const elsewhere = await chromium.openBeside(tab)

  await elsewhere.page.goto(`${stranger}/`)
  t.is(await ask(elsewhere, options), 'SecurityError', 'the browser refuses an origin that is not listed')

  await elsewhere.page.goto(`${related}/`)
  const given = JSON.parse(await ask(elsewhere, options)) as { response: { clientDataJSON: string } }
  t.is((JSON.parse(Buffer.from(given.response.clientDataJSON, 'base64url').toString()) as { origin: string }).origin, related)
  await answer(JSON.stringify(given))
  await page.waitForURL(`${callback}?**`)
  t.true(new URL(page.url()).searchParams.has('code'), 'the server takes the answer')

  // The same passkey, as a browser would answer that looks at no list.
  const [kept] = await elsewhere.authenticator.credentials()
  if (!kept) throw new Error('the passkey has gone')
  const lax = createAuthenticator({ backupEligible: false, transports: ['internal'] })
  const answerFrom = (origin: string, asked: string, counter: number) =>
    JSON.stringify(lax.get(JSON.parse(asked) as PublicKeyCredentialRequestOptionsJSON, {
      origin, counter,
      credential: {
        id: Buffer.from(kept.credentialId, 'base64').toString('base64url'),
        rpId: 'login.example.com', userHandle: Buffer.from(kept.userHandle ?? '', 'base64').toString('base64url'), alg: -7, counter: 0,
        privateKey: createPrivateKey({ key: Buffer.from(kept.privateKey, 'base64'), format: 'der', type: 'pkcs8' }),
      },
    }))
  await answer(answerFrom(stranger, await waiting(), kept.signCount + 10))
  await page.getByText('This address is not set up for passkeys.').waitFor()
  t.true(page.url().startsWith(`${issuer}/interaction/`), 'the server refuses an origin that is not listed')
  await server.logLineWith(`"reason":"wrong_origin","detail":"${stranger}`)
  await answer(answerFrom(related, await waiting(), kept.signCount + 20))
  await page.waitForURL(`${callback}?**`)
  t.true(new URL(page.url()).searchParams.has('code'), 'and for nothing else than its origin')
})
