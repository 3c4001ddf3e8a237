/** A passkey that did not sign in: what is said, and what leads on. */
import { createAuthenticator, type AuthenticatorSettings } from '../helpers/authenticator.ts'
import { agents, checkEmail, dialogEnds, otherDevice, type Rig, type Row, rows, type Said, type Scene, sendCode, type Step, tryAgain, usePhone } from './rig.ts'

const iCloud = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd'
const google = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'
const windowsHello = '08987058-cadc-4b81-b6e1-30de50dcbe96'
const onePassword = 'bada5566-a7aa-401f-bd96-45619a55120d'
const here = (settings: AuthenticatorSettings = {}) => createAuthenticator({ attachment: 'platform', transports: ['internal'], ...settings })

const fine: Said = { en: 'Your account is fine.', de: 'Mit Ihrem Konto ist alles in Ordnung.' }
const otherWays: Said = { en: 'Other ways', de: 'Andere Wege' }
const toCode: Step = { button: sendCode, leads: checkEmail }
const again: Step = { button: tryAgain, leads: 'app' }
const toPhone: Step = { button: usePhone, leads: otherDevice }

/** In the browser where their passkey was made: the page that asks for it. */
async function asked(rig: Rig, agent: keyof typeof agents = 'linux', settings: AuthenticatorSettings = {}): Promise<Scene> {
  const visitor = await rig.owner({ authenticator: here(settings), agent: agents[agent] })
  return { visitor, page: await visitor.typeEmail(await rig.arrive(visitor)) }
}

/** … where it was not: a code was asked for first. */
async function askedElsewhere(rig: Rig, agent: keyof typeof agents = 'linux', settings: AuthenticatorSettings = {}): Promise<Scene> {
  const owner = await rig.owner({ authenticator: here(settings), agent: agents[agent] })
  const visitor = rig.newcomer({ email: owner.email, authenticator: owner.authenticator, agent: agents[agent] })
  return { visitor, page: await visitor.typeEmail(await rig.arrive(visitor)) }
}

const ends = async ({ visitor, page }: Scene, error: string, elapsed: number): Promise<Scene> => ({ visitor, page: await dialogEnds(visitor, page, error, elapsed) })

/** The device answers, and not as it should. */
const answers = async ({ visitor, page }: Scene, overrides: Parameters<typeof visitor.usePasskey>[1]): Promise<Scene> => ({ visitor, page: await visitor.usePasskey(page, overrides) })

async function changed(rig: Rig, { visitor }: Scene, change: object): Promise<void> {
  await rig.server.foundation.storage.passkeys.update(visitor.authenticator.credentials[0]!.id, (passkey) => ({ ...passkey, ...change }))
}

const hostOf = ({ server }: Rig) => ({ host: new URL(server.issuer).host })

const notShown = (keeper: string, account: Said, agent: keyof typeof agents, aaguid: string, backupEligible = true): Row => ({
  title: { en: `Your passkey should be in ${keeper}, but this device does not show it`, de: `Ihr Passkey sollte in ${keeper} sein, aber dieses Gerät zeigt ihn nicht an` },
  says: [{ en: `Check that you are signed in to ${account.en} and that syncing is on.`, de: `Prüfen Sie, ob Sie bei ${account.de} angemeldet sind und ob die Synchronisierung an ist.` }],
  steps: [toCode, again],
  meet: async (rig) => ends(await asked(rig, agent, { aaguid, backupEligible }), 'NotAllowedError', 300),
})

const noLock = (agent: keyof typeof agents, says: Said, steps: Step[], title: Said = { en: 'This device has no screen lock yet', de: 'Dieses Gerät hat noch keine Displaysperre' }): Row => ({
  title,
  says: [says],
  steps,
  meet: async (rig) => ends(await asked(rig, agent), 'NotSupportedError', 300),
})

rows({
  'the dialog was closed': {
    title: { en: 'The passkey was not used', de: 'Der Passkey wurde nicht verwendet' },
    says: [{ en: 'You or your device closed the window. Your account is fine.', de: 'Sie oder Ihr Gerät haben das Fenster geschlossen. Mit Ihrem Konto ist alles in Ordnung.' }, otherWays],
    steps: [toCode, again],
    meet: async (rig) => ends(await asked(rig), 'NotAllowedError', 4000),
  },
  '… a second time: it is still there': {
    title: { en: 'The passkey was not used', de: 'Der Passkey wurde nicht verwendet' },
    steps: [toCode, again],
    meet: async (rig) => ends(await ends(await asked(rig), 'NotAllowedError', 4000), 'NotAllowedError', 14_000),
  },
  '… with nothing typed: on the first screen': {
    title: { en: 'Sign in', de: 'Anmelden' },
    says: [{ en: 'The passkey was not used. You or your device closed the window. Your account is fine.', de: 'Der Passkey wurde nicht verwendet. Sie oder Ihr Gerät haben das Fenster geschlossen. Mit Ihrem Konto ist alles in Ordnung.' }],
    main: { en: 'Continue', de: 'Weiter' },
    steps: [{ button: { en: 'Sign in with a passkey', de: 'Mit Passkey anmelden' }, leads: 'app' }],
    async meet(rig) {
      const owner = await rig.owner({ authenticator: here() })
      const visitor = rig.newcomer({ email: owner.email, authenticator: owner.authenticator })
      return ends({ visitor, page: await rig.arrive(visitor) }, 'NotAllowedError', 4000)
    },
  },
  '… of a code screen': {
    title: { en: 'The passkey was not used', de: 'Der Passkey wurde nicht verwendet' },
    steps: [toCode, again],
    meet: async (rig) => ends(await askedElsewhere(rig), 'NotAllowedError', 4000),
  },
  'it ran out of time': {
    title: { en: 'That took too long, so the window closed', de: 'Das hat zu lange gedauert, daher wurde das Fenster geschlossen' },
    says: [fine],
    steps: [again, toCode],
    meet: async (rig) => ends(await asked(rig), 'NotAllowedError', 30_000),
  },
  'there is none here': {
    title: { en: 'There is no passkey for {brand} on this device', de: 'Auf diesem Gerät gibt es keinen Passkey für {brand}' },
    says: [{ en: 'It may be on your phone, or in another browser.', de: 'Vielleicht ist er auf Ihrem Telefon oder in einem anderen Browser.' }],
    steps: [toCode, toPhone],
    meet: async (rig) => ends(await askedElsewhere(rig), 'NotAllowedError', 300),
  },
  'one that should be here: iCloud Keychain': notShown('Apple Passwords', { en: 'iCloud', de: 'iCloud' }, 'mac', iCloud),
  'one that should be here: Google Password Manager': notShown('Google Password Manager', { en: 'your Google Account', de: 'Ihrem Google-Konto' }, 'android', google),
  'one that should be here: Windows Hello': notShown('Windows Hello', { en: 'Windows', de: 'Windows' }, 'windows', windowsHello, false),
  'its password manager may be locked': {
    title: { en: 'Unlock your password manager, then try again', de: 'Entsperren Sie Ihren Passwortmanager, dann versuchen Sie es noch einmal' },
    says: [{ en: 'Your passkey for {brand} should be in 1Password.', de: 'Ihr Passkey für {brand} sollte in 1Password sein.' }],
    steps: [again, toCode],
    meet: async (rig) => ends(await asked(rig, 'linux', { aaguid: onePassword }), 'NotAllowedError', 300),
  },
  'it was removed from the account': {
    title: { en: 'This passkey was removed from your account', de: 'Dieser Passkey wurde aus Ihrem Konto entfernt' },
    says: [{ en: 'It no longer works. Delete it in Apple Passwords too.', de: 'Er funktioniert nicht mehr. Löschen Sie ihn auch in Apple Passwords.' }],
    steps: [toCode, { button: { en: 'Use another passkey', de: 'Anderen Passkey verwenden' }, leads: 'dialog' }],
    async meet(rig) {
      const scene = await askedElsewhere(rig, 'mac', { aaguid: iCloud })
      await changed(rig, scene, { removedAt: 1 })
      return answers(scene, {})
    },
  },
  'it is paused': {
    title: { en: 'This passkey is paused', de: 'Dieser Passkey ist angehalten' },
    steps: [toCode],
    async meet(rig) {
      const scene = await askedElsewhere(rig)
      await changed(rig, scene, { frozenAt: 1 })
      return answers(scene, {})
    },
  },
  'it is of another account': {
    title: { en: 'That passkey belongs to another account', de: 'Dieser Passkey gehört zu einem anderen Konto' },
    says: [{ en: 'It opens the account of {other}. You typed {email}.', de: 'Er öffnet das Konto von {other}. Eingegeben haben Sie {email}.' }],
    steps: [
      { button: { en: 'Sign in as {other}', de: 'Als {other} anmelden' }, leads: 'app' },
      { button: { en: 'Go on as {email} with a code', de: 'Als {email} weiter mit einem Code' }, leads: checkEmail },
    ],
    async meet(rig) {
      const other = await rig.owner({ authenticator: here() })
      const owner = await rig.owner()
      const visitor = rig.newcomer({ email: owner.email, authenticator: other.authenticator })
      const scene = await answers({ visitor, page: await visitor.typeEmail(await rig.arrive(visitor)) }, {})
      return { ...scene, facts: { other: other.email } }
    },
  },
  '… and somebody signed in was to confirm': {
    title: { en: 'That passkey belongs to another account', de: 'Dieser Passkey gehört zu einem anderen Konto' },
    says: [{ en: 'It opens the account of {other}. Here you go on as {email}.', de: 'Er öffnet das Konto von {other}. Hier geht es weiter als {email}.' }],
    steps: [{ button: { en: 'Try another way', de: 'Anderen Weg wählen' }, leads: { en: 'Choose how to confirm it is you', de: 'Wie möchten Sie bestätigen, dass Sie es sind?' } }],
    async meet(rig) {
      const other = await rig.owner({ authenticator: here() })
      const owner = await rig.owner({ authenticator: here() })
      // A second device of the same person, with the passkey of somebody else in it.
      const visitor = rig.newcomer({ email: owner.email, authenticator: other.authenticator })
      await visitor.typeCode(await visitor.typeEmail(await rig.arrive(visitor)))
      const page = await rig.arrive(visitor, { acr_values: 'phr' })
      const scene = await answers({ visitor, page }, { credential: other.authenticator.credentials[0]! })
      return { ...scene, facts: { other: other.email } }
    },
  },
  'the browser refuses this address': {
    title: { en: 'This address is not set up for passkeys', de: 'Diese Adresse ist nicht für Passkeys eingerichtet' },
    says: [{ en: 'Check that the address bar says {host}.', de: 'Prüfen Sie, ob in der Adresszeile {host} steht.' }],
    steps: [toCode],
    meet: async (rig) => ({ ...(await ends(await asked(rig), 'SecurityError', 20)), facts: hostOf(rig) }),
  },
  'the answer is of another address': {
    title: { en: 'This address is not set up for passkeys', de: 'Diese Adresse ist nicht für Passkeys eingerichtet' },
    says: [{ en: 'Check that the address bar says {host}.', de: 'Prüfen Sie, ob in der Adresszeile {host} steht.' }],
    steps: [toCode],
    meet: async (rig) => ({ ...(await answers(await askedElsewhere(rig), { origin: 'https://evil.example' })), facts: hostOf(rig) }),
  },
  'no screen lock: Windows': noLock('windows', { en: 'Set up a PIN, fingerprint or face first: Settings, Accounts, Sign-in options.', de: 'Richten Sie zuerst PIN, Fingerabdruck oder Gesicht ein: Einstellungen, Konten, Anmeldeoptionen.' }, [toCode, again]),
  'no screen lock: iPhone': noLock('iPhone', { en: 'Switch on a passcode with Face ID or Touch ID, and Passwords in iCloud settings.', de: 'Schalten Sie einen Code mit Face ID oder Touch ID ein, und Passwörter in den iCloud-Einstellungen.' }, [toCode, again]),
  'no screen lock: iPad': noLock('iPad', { en: 'Switch on a passcode with Face ID or Touch ID, and Passwords in iCloud settings.', de: 'Schalten Sie einen Code mit Face ID oder Touch ID ein, und Passwörter in den iCloud-Einstellungen.' }, [toCode, again]),
  'no screen lock: Mac': noLock('mac', { en: 'Set up Touch ID or a password in System Settings.', de: 'Richten Sie in den Systemeinstellungen Touch ID oder ein Passwort ein.' }, [toCode, again]),
  'no screen lock: Android': noLock('android', { en: 'Set a screen lock: Settings, Security.', de: 'Richten Sie eine Displaysperre ein: Einstellungen, Sicherheit.' }, [toCode, toPhone]),
  'nothing built in: Linux': noLock(
    'linux',
    { en: 'This computer has no built-in way. Use your phone, a security key or a password manager.', de: 'Dieser Computer hat keinen eingebauten Weg. Nehmen Sie Ihr Telefon, einen Sicherheitsschlüssel oder einen Passwortmanager.' },
    [toCode, toPhone],
    { en: 'This computer cannot check that it is you', de: 'Dieser Computer kann nicht prüfen, ob Sie es sind' },
  ),
  'nobody was recognised by the device': {
    ...noLock('windows', { en: 'Set up a PIN, fingerprint or face first: Settings, Accounts, Sign-in options.', de: 'Richten Sie zuerst PIN, Fingerabdruck oder Gesicht ein: Einstellungen, Konten, Anmeldeoptionen.' }, [toCode, again]),
    meet: async (rig) => answers(await askedElsewhere(rig, 'windows'), { userVerified: false }),
  },
  'a phone where only this device is accepted': {
    server: { config: { passkeys: { crossDevice: 'minimize' } } },
    title: { en: '{app} accepts only a passkey on this device', de: '{app} akzeptiert nur einen Passkey auf diesem Gerät' },
    says: [{ en: 'Sign in another way here.', de: 'Melden Sie sich hier auf einem anderen Weg an.' }],
    steps: [toCode],
    async meet(rig) {
      const owner = await rig.owner({ authenticator: here() })
      const phone = createAuthenticator({ attachment: 'cross-platform', transports: ['hybrid', 'internal'] })
      phone.credentials.push(...owner.authenticator.credentials)
      await rig.server.foundation.storage.passkeys.update(phone.credentials[0]!.id, (passkey) => ({ ...passkey, transports: ['hybrid', 'internal'], attachment: 'cross-platform' }))
      const visitor = rig.newcomer({ email: owner.email, authenticator: phone })
      const first = await rig.arrive(visitor)
      await visitor.typeEmail(first)
      return answers({ visitor, page: first }, {})
    },
  },
  'its answer does not hold': {
    title: { en: 'We could not check this passkey', de: 'Wir konnten diesen Passkey nicht prüfen' },
    says: [fine],
    steps: [again, toCode],
    meet: async (rig) => answers(await askedElsewhere(rig), { bogusSignature: true }),
  },
  'the connection was lost in the dialog': {
    title: { en: 'You are offline, or we did not answer', de: 'Sie sind offline, oder wir haben nicht geantwortet' },
    steps: [again, toCode],
    meet: async (rig) => ends(await asked(rig), 'NetworkError', 4000),
  },
})

