/** A passkey that was not made: what is said, and what leads on. */
import { createAuthenticator } from '../helpers/authenticator.ts'
import { type Rig, type Row, rows, type Said, type Scene, type Step, agents, capabilities } from './rig.ts'

const notMade: Said = { en: 'No passkey was created', de: 'Es wurde kein Passkey erstellt' }
const toApp: Step = { button: { en: 'Continue to {app}', de: 'Weiter zu {app}' }, leads: 'app' }
const carryOn: Step = { button: { en: 'Continue', de: 'Weiter' }, leads: 'app' }
const ready: Said = { en: 'Your passkey is ready', de: 'Ihr Passkey ist bereit' }
const again: Step = { button: { en: 'Try again', de: 'Erneut versuchen' }, leads: ready }
const day = 24 * 3_600_000

/** The offer after a sign-in by a code. */
async function offered(rig: Rig, agent: keyof typeof agents = 'linux', authenticator = createAuthenticator({ transports: ['internal'] })): Promise<Scene> {
  const owner = await rig.owner({ agent: agents[agent] })
  rig.server.advance(60 * day)
  const visitor = rig.newcomer({ email: owner.email, authenticator, agent: agents[agent] })
  await visitor.ignoreMail()
  return { visitor, page: await visitor.typeCode(await visitor.typeEmail(await rig.arrive(visitor))) }
}

const formFor = ({ page }: Scene, place: 'here' | 'elsewhere') => {
  const form = page.forms.find(({ data, values }) => data['passkey'] === 'create' && values['place'] === place)
  if (!form) throw new Error(`no passkey can be made ${place} at ${page.heading}`)
  return form
}
const ends = async (scene: Scene, error: string, place: 'here' | 'elsewhere' = 'here', elapsed = 4000): Promise<Scene> =>
  ({ ...scene, page: await scene.visitor.browser.submit(scene.page, formFor(scene, place), { values: { error, elapsed: String(elapsed), capabilities } }) })

async function answers(rig: Rig, scene: Scene, place: 'here' | 'elsewhere', device: ReturnType<typeof createAuthenticator>): Promise<Scene> {
  const form = formFor(scene, place)
  const response = device.create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })
  return { ...scene, page: await scene.visitor.browser.submit(scene.page, form, { values: { response: JSON.stringify(response), capabilities } }) }
}

const noLock = (agent: keyof typeof agents, says: Said): Row => ({
  title: notMade,
  says: [says],
  steps: [toApp, again],
  meet: async (rig) => ends(await offered(rig, agent), 'ConstraintError', 'here', 100),
})

rows({
  'the dialog was closed': {
    title: notMade,
    says: [{ en: 'You can do it later in your account.', de: 'Sie können es später in Ihrem Konto nachholen.' }],
    steps: [toApp, again],
    meet: async (rig) => ends(await offered(rig), 'NotAllowedError'),
  },
  '… and the app needs one': {
    title: notMade,
    says: [{ en: 'The window was closed, or it took too long. You cannot go on here without a passkey.', de: 'Das Fenster wurde geschlossen, oder es dauerte zu lange. Ohne Passkey geht es hier nicht weiter.' }],
    steps: [{ ...again, leads: ready }, { button: { en: 'Go back to {app}', de: 'Zurück zu {app}' }, leads: 'app' }],
    async meet(rig) {
      const visitor = rig.newcomer({ email: (await rig.owner()).email })
      await visitor.ignoreMail()
      await visitor.typeCode(await visitor.typeEmail(await rig.arrive(visitor)))
      const needed = await rig.arrive(visitor, { acr_values: 'phr' })
      return ends({ visitor, page: await visitor.browser.submit(needed, '/passkey-create') }, 'NotAllowedError')
    },
  },
  'there is one already': {
    title: { en: 'This device has a passkey already', de: 'Dieses Gerät hat schon einen Passkey' },
    // "See my passkeys" would leave the sign-in: here it goes on, and at /account/passkeys they are on the page.
    says: [{ en: 'This device has a passkey for your account already. Nothing more to do.', de: 'Dieses Gerät hat schon einen Passkey für Ihr Konto. Mehr ist nicht zu tun.' }],
    steps: [carryOn],
    meet: async (rig) => ends(await offered(rig), 'InvalidStateError'),
  },
  'a passkey of this device where a phone or a key is wanted': {
    server: { config: { passkeys: { crossDevice: 'maximize' } } },
    title: notMade,
    says: [{ en: '{app} asks for a passkey on your phone or on a security key.', de: '{app} verlangt einen Passkey auf Ihrem Telefon oder einem Sicherheitsschlüssel.' }],
    steps: [{ button: { en: 'Show the QR code', de: 'QR-Code anzeigen' }, leads: 'dialog' }, toApp],
    async meet(rig) {
      const visitor = rig.newcomer()
      const first = await rig.arrive(visitor)
      const form = await visitor.browser.submit(first, first.forms.find(({ buttons }) => buttons.some(({ name }) => name === 'sign_up'))!, { button: 'sign_up' })
      const page = await visitor.typeCode(await visitor.browser.submit(form, '/sign-up', { values: { identifier: visitor.email, capabilities } }))
      return answers(rig, { visitor, page }, 'elsewhere', createAuthenticator({ attachment: 'platform', transports: ['internal'] }))
    },
  },
  'a phone where only this device is accepted': {
    server: { config: { passkeys: { crossDevice: 'minimize' } } },
    title: notMade,
    says: [{ en: '{app} accepts only a passkey on this device.', de: '{app} nimmt nur einen Passkey auf diesem Gerät.' }],
    steps: [{ button: { en: 'Create a passkey', de: 'Passkey erstellen' }, leads: ready }, toApp],
    meet: async (rig) => answers(rig, await offered(rig), 'here', createAuthenticator({ attachment: 'cross-platform', transports: ['hybrid', 'internal'] })),
  },
  'a security key that is full, or has no PIN': {
    title: notMade,
    says: [{ en: 'This security key cannot store another passkey, or has no PIN yet.', de: 'Dieser Sicherheitsschlüssel kann keinen weiteren Passkey speichern, oder er hat noch keine PIN.' }],
    steps: [
      { button: { en: 'Use this device', de: 'Dieses Gerät verwenden' }, leads: ready },
      toApp,
      { button: { en: 'Try another key', de: 'Anderen Schlüssel verwenden' }, leads: 'dialog' },
    ],
    meet: async (rig) => ends(await offered(rig), 'ConstraintError', 'elsewhere'),
  },
  'no screen lock: Windows': noLock('windows', { en: 'Set up a PIN, fingerprint or face first: Settings, Accounts, Sign-in options.', de: 'Richten Sie zuerst PIN, Fingerabdruck oder Gesicht ein: Einstellungen, Konten, Anmeldeoptionen.' }),
  'no screen lock: iPhone': noLock('iPhone', { en: 'Switch on a passcode with Face ID or Touch ID, and Passwords in iCloud settings.', de: 'Schalten Sie einen Code mit Face ID oder Touch ID ein, und Passwörter in den iCloud-Einstellungen.' }),
  'no screen lock: Android': noLock('android', { en: 'Set a screen lock: Settings, Security.', de: 'Richten Sie eine Displaysperre ein: Einstellungen, Sicherheit.' }),
  'the device could not save it': {
    title: notMade,
    says: [{ en: 'Your device or its password manager could not save it.', de: 'Ihr Gerät oder sein Passwortmanager konnte ihn nicht speichern.' }],
    steps: [toApp, again],
    meet: async (rig) => ends(await offered(rig), 'UnknownError'),
  },
})
