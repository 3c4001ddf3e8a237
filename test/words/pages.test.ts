/** Sign-ins that cannot go on as they are: what is said, and what leads on. */
import { AppError } from '../../src/errors.ts'
import { shop } from '../helpers/app.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { agents, otherWay, type Rig, type Row, rows, type Said, type Scene } from './rig.ts'

const minute = 60_000
const carryOn: Said = { en: 'Continue', de: 'Weiter' }
const toShop = { href: () => shop.client_uri }
const startAgain = { button: { en: 'Start again at {app}', de: 'Bei {app} neu beginnen' }, leads: toShop }
const openApp = { button: { en: 'Open {app}', de: '{app} öffnen' }, leads: toShop }
const noCodes: Said = { en: 'Passkeys still work.', de: 'Passkeys funktionieren weiterhin.' }
const accountOf = async ({ server }: Rig, { email }: { email: string }) => (await server.foundation.storage.identifiers.get(`email:${email}`))!.accountId

async function first(rig: Rig): Promise<Scene> {
  const visitor = rig.newcomer()
  return { visitor, page: await rig.arrive(visitor) }
}

const table: Record<string, Row> = {
  'the sign-in waited too long': {
    title: { en: 'This page was open too long', de: 'Diese Seite war zu lange offen' },
    says: [{ en: 'We stopped the sign-in. Nothing is lost.', de: 'Wir haben die Anmeldung beendet. Es ist nichts verloren.' }],
    error: true,
    status: 400,
    steps: [startAgain],
    async meet(rig) {
      const { visitor, page } = await first(rig)
      rig.server.advance(121 * minute)
      // As a browser does whose clock runs along.
      visitor.browser.cookies.clear(({ name }) => name !== 'latchkey_interaction')
      return { visitor, page: await visitor.typeEmail(page) }
    },
  },
  'it was finished in another tab': {
    title: { en: 'This sign-in is already finished', de: 'Diese Anmeldung ist schon abgeschlossen' },
    says: [{ en: 'There is nothing left to do here. You can close this page.', de: 'Hier ist nichts mehr zu tun. Sie können diese Seite schließen.' }],
    error: true,
    status: 400,
    steps: [openApp],
    async meet(rig) {
      const visitor = await rig.owner({ authenticator: createAuthenticator() })
      const page = await rig.arrive(visitor)
      await visitor.usePasskey(page)
      return { visitor, page: await visitor.browser.open(page.url) }
    },
  },
  'it went on in another tab': {
    title: { en: 'You went on in another tab', de: 'Sie haben in einem anderen Tab weitergemacht' },
    says: [{ en: 'You can close this one, or start again here.', de: 'Sie können diesen hier schließen oder neu beginnen.' }],
    error: true,
    status: 400,
    steps: [startAgain],
    async meet(rig) {
      const visitor = await rig.owner()
      const here = await rig.arrive(visitor, { acr_values: 'phr' })
      const out = await visitor.browser.open(`${rig.server.issuer}/session/end`)
      await visitor.browser.submit(out, '/session/end/confirm', { button: { en: 'Sign out', de: 'Abmelden' }[rig.language] })
      return { visitor, page: await visitor.browser.open(here.url) }
    },
  },
  'back at a step that is done': {
    title: { en: 'This step is done', de: 'Dieser Schritt ist erledigt' },
    says: [{ en: 'Go on with the next one. Nothing is lost.', de: 'Machen Sie mit dem nächsten weiter. Es ist nichts verloren.' }],
    error: true,
    status: 409,
    steps: [{ button: carryOn, leads: { en: 'Check your email', de: 'Sehen Sie in Ihre E-Mails' } }],
    async meet(rig) {
      const { visitor, page } = await first(rig)
      const code = await visitor.typeEmail(page)
      return { visitor, page: await visitor.browser.open(new URL(code.url.pathname.replace('/email-otp', '/passkey-create'), code.url)) }
    },
  },
  'the cookie is missing': {
    title: { en: 'Your browser did not send our cookie', de: 'Ihr Browser hat unser Cookie nicht gesendet' },
    says: [{ en: 'Allow cookies for {host}, and do not mix browsers.', de: 'Erlauben Sie Cookies für {host}, und bleiben Sie in einem Browser.' }],
    error: true,
    status: 400,
    steps: [startAgain],
    async meet(rig) {
      const { visitor, page } = await first(rig)
      visitor.browser.cookies.clear()
      return { visitor, page: await visitor.typeEmail(page), facts: { host: new URL(rig.server.issuer).host } }
    },
  },
  'posted at another address than ours': {
    title: { en: 'This address is not set up for passkeys', de: 'Diese Adresse ist nicht für Passkeys eingerichtet' },
    says: [{ en: 'Check that the address bar says {host}.', de: 'Prüfen Sie, ob in der Adresszeile {host} steht.' }],
    error: true,
    status: 421,
    steps: [{ button: { en: 'Open {host}', de: '{host} öffnen' }, leads: { en: 'Sign in', de: 'Anmelden' } }],
    async meet(rig) {
      const { visitor, page } = await first(rig)
      const { host } = new URL(rig.server.issuer)
      return { visitor, page: await visitor.browser.submit(page, '/identifier', { values: { identifier: visitor.email }, headers: { host: 'elsewhere.example' } }), facts: { host } }
    },
  },
  'an app that is set up wrongly': {
    title: { en: '{app} sent us something we cannot use', de: '{app} hat uns etwas gesendet, das wir nicht verwenden können' },
    says: [{ en: 'You did nothing wrong.', de: 'Sie haben nichts falsch gemacht.' }, { en: 'For the developer', de: 'Für die Entwicklung' }, { en: 'redirect_uri', de: 'redirect_uri' }],
    error: true,
    status: 400,
    steps: [openApp],
    async meet(rig) {
      const visitor = rig.newcomer()
      return { visitor, page: await visitor.arrive(await rig.app.authorize({ redirect_uri: 'https://evil.example/callback' })) }
    },
  },
  'the store is away': {
    title: { en: 'We will be right back', de: 'Wir sind gleich wieder da' },
    says: [{ en: 'We cannot sign you in at this moment. Nothing is lost. Try again in 30 seconds.', de: 'Im Moment können wir Sie nicht anmelden. Es ist nichts verloren. Versuchen Sie es in 30 Sekunden wieder.' }],
    error: true,
    status: 503,
    steps: [{
      button: { en: 'Try again', de: 'Erneut versuchen' },
      leads: { en: 'Sign in', de: 'Anmelden' },
      first: async ({ server }) => back(server),
    }],
    async meet(rig) {
      const { visitor, page } = await first(rig)
      const { artifacts } = rig.server.foundation.storage
      const { find } = artifacts
      away.set(rig.server, () => (artifacts.find = find))
      artifacts.find = () => Promise.reject(new AppError('store_unavailable', 'the disk is gone'))
      return { visitor, page: await visitor.browser.open(page.url) }
    },
  },
  'too many tries from one network': {
    server: { loopback: false },
    title: { en: 'There were many tries from your network', de: 'Es gab viele Versuche aus Ihrem Netz' },
    says: [noCodes],
    error: true,
    status: 429,
    steps: [{ button: { en: 'Sign in with a passkey', de: 'Mit Passkey anmelden' }, leads: { en: 'Sign in', de: 'Anmelden' } }],
    async meet(rig) {
      const { visitor, page } = await first(rig)
      let refused = page
      const form = page.passkeyForm('get')
      for (let tries = 0; tries < 110 && refused.status !== 429; tries++) refused = await visitor.browser.submit(page, form, { values: { response: '{}' } })
      return { visitor, page: refused }
    },
  },
  'an account that is switched off': {
    server: { config: { theme: { help: 'https://help.example.com/' } } },
    title: { en: 'This account is switched off', de: 'Dieses Konto ist abgeschaltet' },
    says: [{ en: 'The people who run {brand} can tell you why.', de: 'Wer {brand} betreibt, kann Ihnen den Grund nennen.' }],
    error: true,
    status: 403,
    steps: [{ button: { en: 'Help', de: 'Hilfe' }, leads: { href: () => 'https://help.example.com/' } }],
    async meet(rig) {
      const visitor = await rig.owner({ authenticator: createAuthenticator() })
      await rig.server.foundation.storage.accounts.update(await accountOf(rig, visitor), (account) => ({ ...account, disabledAt: 1 }))
      return { visitor, page: await visitor.usePasskey(await rig.arrive(visitor)) }
    },
  },
  'a rule says no': {
    server: { config: { theme: { help: 'https://help.example.com/' } }, rules: [{ name: 'no codes', on: ['sign_in'], when: { all: [{ signal: 'account.createdHere', test: { is: false } }] }, then: ['deny'], because: 'a test' }] },
    title: { en: 'We cannot let this go on here', de: 'Das geht hier nicht weiter' },
    error: true,
    status: 403,
    steps: [
      { button: otherWay, leads: { en: 'Sign in', de: 'Anmelden' } },
      { button: { en: 'Help', de: 'Hilfe' }, leads: { href: () => 'https://help.example.com/' } },
    ],
    async meet(rig) {
      const visitor = await rig.owner()
      const other = rig.newcomer({ email: visitor.email })
      await other.ignoreMail()
      rig.server.advance(24 * 60 * minute)
      return { visitor: other, page: await other.typeCode(await other.typeEmail(await rig.arrive(other))) }
    },
  },
  'signed out on the account pages': {
    title: { en: 'You were signed out', de: 'Sie wurden abgemeldet' },
    says: [{ en: 'Sign in to go on. We bring you back here.', de: 'Melden Sie sich an, um weiterzumachen. Wir bringen Sie hierher zurück.' }],
    status: 401,
    steps: [{ button: { en: 'Sign in', de: 'Anmelden' }, leads: { en: 'Sign in', de: 'Anmelden' } }],
    async meet(rig) {
      const visitor = await rig.owner({ authenticator: createAuthenticator() })
      const page = await visitor.browser.open('/account/identifier-add/email')
      const out = await visitor.browser.open('/session/end')
      await visitor.browser.submit(out, '/session/end/confirm', { button: { en: 'Sign out', de: 'Abmelden' }[rig.language] })
      return { visitor, page: await visitor.browser.submit(page, '/identifier-add/email', { values: { identifier: 'other@example.com' } }) }
    },
  },
  'changed in another window': {
    title: { en: 'Ways to sign in', de: 'Wege zum Anmelden' },
    says: [{ en: 'This changed in another window. Here is how it is now.', de: 'Das hat sich in einem anderen Fenster geändert. So ist es jetzt.' }],
    main: 'none',
    steps: [],
    async meet(rig) {
      const visitor = await rig.owner({ authenticator: createAuthenticator() })
      const page = await visitor.browser.open('/account/ways')
      const form = { action: '/account/identifier-primary', method: 'post' as const, values: { csrf: page.forms[0]!.values['csrf'] ?? '', identifier: 'email:gone@example.com' }, buttons: [], hidden: false, data: {} }
      return { visitor, page: await visitor.browser.submit(page, form) }
    },
  },
  'inside another app on an iPhone': {
    title: { en: 'Sign in', de: 'Anmelden' },
    says: [{ en: 'You are inside another app, where passkeys often do not work. Open the menu and choose "Open in Safari".', de: 'Sie sind in einer anderen App, in der Passkeys oft nicht funktionieren. Öffnen Sie das Menü und wählen Sie „In Safari öffnen“.' }],
    main: carryOn,
    steps: [],
    meet: (rig) => inside(rig, agents.inAppIos),
  },
  'inside another app on Android': {
    title: { en: 'Sign in', de: 'Anmelden' },
    says: [{ en: 'You are inside another app, where passkeys often do not work. Open the menu and choose "Open in Chrome".', de: 'Sie sind in einer anderen App, in der Passkeys oft nicht funktionieren. Öffnen Sie das Menü und wählen Sie „In Chrome öffnen“.' }],
    main: carryOn,
    steps: [],
    meet: (rig) => inside(rig, agents.inAppAndroid),
  },
}

const away = new WeakMap<Rig['server'], () => void>()
const back = (server: Rig['server']): void => away.get(server)?.()

async function inside(rig: Rig, agent: string): Promise<Scene> {
  const visitor = rig.newcomer({ agent })
  return { visitor, page: await rig.arrive(visitor) }
}

rows(table)
