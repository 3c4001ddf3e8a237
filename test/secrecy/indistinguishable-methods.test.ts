/** Whatever is typed and whichever way is tried: nobody learns from it who has an account, a phone, an app or codes. */
import test from 'ava'
import { shop } from '../helpers/app.ts'
import type { HttpBrowser, Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { same, type } from './same.ts'

/** Of one length, so that nothing but the name can differ. */
const kinds = ['nobody', 'mailer', 'appist', 'coders', 'phones', 'closed', 'absent'] as const
type Kind = (typeof kinds)[number]
const address = (kind: Kind) => `${kind}@example.com`
const username = (kind: Kind) => `the.${kind}`
const phone = (kind: Kind) => `+4479111234${50 + kinds.indexOf(kind)}`
const phoneAsShown = (kind: Kind) => `+44\u00A07911\u00A01234${50 + kinds.indexOf(kind)}`
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'

const config = {
  identifiers: { email: { signIn: true }, phone: { signIn: true, signUp: 'optional', defaultRegion: 'GB' }, username: { signIn: true, signUp: 'optional' } },
}

/** A server of its own for each: what one account has spent is no difference that anybody could see. */
async function start(): Promise<InProcess> {
  const server = await startInProcess({ clients: [shop], config, still: true })
  const { storage, keyring } = server.foundation
  for (const kind of kinds.slice(1)) {
    const [id, now] = [`account-${kind}`, storage.clock.now()]
    const identifiers = [
      { kind: 'email' as const, value: address(kind), verifiedAt: now },
      { kind: 'username' as const, value: username(kind) },
      { kind: 'phone' as const, value: phone(kind), verifiedAt: now },
    ]
    for (const { kind: of, value } of identifiers) await storage.identifiers.insert({ id: `${of}:${value}`, kind: of, value, accountId: id, state: 'active', createdAt: now })
    const passkeys = kind === 'closed' || kind === 'absent' ? [`credential-${kind}`] : []
    const factors = { ...(kind === 'appist' && { totp: { since: now } }), ...(kind === 'coders' && { recovery_codes: { since: now, left: 10 } }) }
    await storage.accounts.insert({
      id, createdAt: now, userHandle: `handle-${kind}`, identifiers, credentialIds: passkeys, factors,
      ...(kind === 'absent' && { disabledAt: now }),
      ...(kind === 'closed' && { passkeysOnlySince: now }),
    })
    if (kind === 'appist') await storage.factors.insert({ id: `totp:${id}`, accountId: id, kind: 'totp', createdAt: now, sealed: keyring.seal('totp key', Buffer.from(secret).toString('base64url'), `totp:${id}`) })
    if (kind === 'coders') await storage.factors.insert({ id: `recovery_codes:${id}`, accountId: id, kind: 'recovery_codes', createdAt: now, macs: ['a', 'b'] })
  }
  return server
}

async function choose(server: InProcess, browser: HttpBrowser, from: Page, method: string): Promise<Page> {
  const uid = /^\/interaction\/[\w-]+/.exec(from.url.pathname)?.[0] ?? ''
  const ways = await browser.open(new URL(`${uid}/methods`, server.issuer))
  const form = ways.forms.find(({ values, buttons }) => values['method'] === method || buttons.some(({ name, value }) => name === 'method' && value === method))
  if (!form) throw new Error(`no ${method} on ${ways.heading}: ${ways.text}`)
  return browser.submit(ways, form, { values: { method } })
}

const typedAs = { email: address, phone, username }
const shownAs = { email: address, phone: phoneAsShown, username }

for (const kindOf of ['email', 'phone', 'username'] as const) {
  for (const method of ['sms_otp', 'totp', 'recovery_code', 'email_otp'] as const) {
    test(`${kindOf} typed, then ${method}: what is shown and what is left is the same for everybody`, async (t) => {
      const server = await start()
      t.teardown(server.dispose)
      const answers = await same(t, server, {
        kinds,
        namesOf: (kind) => [typedAs[kindOf](kind), shownAs[kindOf](kind)],
        async act(browser, page, kind) {
          const after = await type(browser, page, typedAs[kindOf](kind))
          const screen = await choose(server, browser, after, method)
          t.is(screen.status, 200, screen.heading)
          t.regex(screen.url.pathname, new RegExp(`/${method.replace('_', '-')}$`), `${kind}: ${screen.heading}`)
          for (const code of ['000 000', 'AAAA-BBBB', '']) await browser.submit(screen, screen.url.pathname.slice(screen.url.pathname.lastIndexOf('/')), { button: 'Continue', values: { code } })
        },
      })
      t.true(answers.length > 4)
      t.true(JSON.stringify(answers).includes('<name>'), 'what was typed is on the pages')
    })
  }
}
