/** Codes and links that did not sign in: what is said, and what leads on. */
import { shop } from '../helpers/app.ts'
import { startMailServer } from '../delivery/mail-server.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { eventually } from '../helpers/eventually.ts'
import { checkEmail, chooseWay, otherWay, type Rig, type Row, rows, type Said, type Scene } from './rig.ts'

const minute = 60_000
const carryOn: Said = { en: 'Continue', de: 'Weiter' }
const newCode: Said = { en: 'Send a new code', de: 'Neuen Code senden' }
const withPasskey: Said = { en: 'Sign in with a passkey', de: 'Mit Passkey anmelden' }

/** Somebody with an account and a passkey, in a browser that knows nobody: the page that asks for the code, and the code. */
async function asked(rig: Rig): Promise<Scene & { code: string; link: string }> {
  const owner = await rig.owner({ authenticator: createAuthenticator() })
  const visitor = rig.newcomer({ email: owner.email, authenticator: owner.authenticator })
  await visitor.ignoreMail()
  const page = await visitor.typeEmail(await rig.arrive(visitor))
  const code = await visitor.readCode()
  const mail = (await rig.server.outbox()).find(({ to, text }) => to === visitor.email && text.includes(code))
  return { visitor, page, code, link: /http:\/\/localhost:\d+\/link\/[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '' }
}

const wrong = (code: string, n: number) => String((Number(code) + n) % 1_000_000).padStart(6, '0')
/** The right code on that page goes on. */
const rightCode = async (_: Rig, scene: Scene): Promise<Record<string, string>> => ({ code: (scene as Scene & { code: string }).code })
const later = async ({ server }: Rig): Promise<void> => server.advance(minute)

async function missed(rig: Rig, times: number): Promise<Scene & { code: string }> {
  const scene = await asked(rig)
  let { page } = scene
  for (let n = 1; n <= times; n++) page = await scene.visitor.typeCode(page, wrong(scene.code, n))
  return { ...scene, page }
}

const open = async (scene: Scene & { link: string }): Promise<Scene> => ({ ...scene, page: await scene.visitor.browser.open(scene.link, { headers: { 'sec-fetch-site': 'cross-site' } }) })

const table: Record<string, Row> = {
  'a wrong code': {
    title: checkEmail,
    error: true,
    status: 400,
    says: [{ en: 'That code is not right. Check it and try again.', de: 'Dieser Code stimmt nicht. Prüfen Sie ihn und versuchen Sie es noch einmal.' }],
    steps: [
      { button: carryOn, first: rightCode, leads: 'app' },
      { button: newCode, first: later, leads: checkEmail },
    ],
    meet: (rig) => missed(rig, 1),
  },
  'a wrong code, with two tries left': {
    title: checkEmail,
    error: true,
    status: 400,
    says: [{ en: 'Check it and try again. 2 tries left with this code.', de: 'Prüfen Sie ihn und versuchen Sie es noch einmal. Noch 2 Versuche mit diesem Code.' }],
    steps: [{ button: carryOn, first: rightCode, leads: 'app' }],
    meet: (rig) => missed(rig, 3),
  },
  'a code that was replaced': {
    title: checkEmail,
    error: true,
    status: 400,
    says: [{ en: 'That code no longer works. Use the newest email, or ask for a new code.', de: 'Dieser Code gilt nicht mehr. Nehmen Sie die neueste E-Mail, oder fordern Sie einen neuen Code an.' }],
    main: carryOn,
    steps: [{ button: newCode, first: later, leads: checkEmail }],
    async meet(rig) {
      const scene = await asked(rig)
      rig.server.advance(11 * minute)
      return { ...scene, page: await scene.visitor.typeCode(scene.page, scene.code) }
    },
  },
  'too many wrong codes': {
    title: checkEmail,
    error: true,
    status: 429,
    says: [{ en: 'Passkeys still work.', de: 'Passkeys funktionieren weiterhin.' }, { en: 'Too many wrong codes. You can try codes again in', de: 'Zu viele falsche Codes. In' }],
    steps: [
      { button: withPasskey, leads: 'app' },
      { button: otherWay, leads: chooseWay },
    ],
    async meet(rig) {
      const { visitor } = await missed(rig, 5)
      const page = await visitor.typeEmail(await rig.arrive(visitor))
      const code = await visitor.readCode()
      for (let n = 1; n <= 5; n++) await visitor.typeCode(page, wrong(code, n))
      rig.server.advance(16 * minute)
      const third = await visitor.typeEmail(await rig.arrive(visitor))
      return { visitor, page: await visitor.typeCode(third, await visitor.readCode()) }
    },
  },
  'a new code asked for too early': {
    title: checkEmail,
    error: true,
    status: 429,
    says: [{ en: 'Wait {n} seconds, then ask again.', de: 'Warten Sie {n} Sekunden, dann fordern Sie den Code noch einmal an.' }],
    main: carryOn,
    steps: [{ button: otherWay, leads: chooseWay }],
    async meet(rig) {
      const scene = await asked(rig)
      const page = await scene.visitor.browser.submit(scene.page, '/email-otp', { button: newCode[rig.language] })
      return { ...scene, page, facts: { n: /\b(\d+) (seconds|Sekunden)/.exec(page.text)?.[1] ?? '' } }
    },
  },
  'as many codes as may be sent': {
    title: checkEmail,
    error: true,
    status: 429,
    says: [{ en: 'We sent several codes already. Check the newest one, or try again in {n} minutes.', de: 'Wir haben schon mehrere Codes gesendet. Nehmen Sie den neuesten, oder versuchen Sie es in {n} Minuten wieder.' }],
    main: carryOn,
    steps: [{ button: otherWay, leads: chooseWay }],
    async meet(rig) {
      const { visitor, page: first } = await asked(rig)
      let page = first
      // The sign-up's code was the first of three.
      rig.server.advance(minute)
      page = await visitor.browser.submit(page, '/email-otp', { button: newCode[rig.language] })
      page = await visitor.browser.submit(page, '/email-otp', { button: newCode[rig.language] })
      return { visitor, page, facts: { n: /\b(\d+) (minutes|Minuten)/.exec(page.text)?.[1] ?? '' } }
    },
  },
  'an address that the mail server refuses': {
    title: checkEmail,
    error: true,
    says: [{ en: 'We could not reach {email}. Check it for typing mistakes.', de: 'Wir konnten {email} nicht erreichen. Prüfen Sie die Adresse auf Tippfehler.' }],
    async server(t) {
      const mails = await startMailServer(t)
      mails.manners.recipient = () => 550
      return { config: { mail: { smtp: mails.url } } }
    },
    steps: [
      { button: { en: 'Change', de: 'Ändern' }, leads: { en: 'Sign in', de: 'Anmelden' } },
      { button: otherWay, leads: chooseWay },
    ],
    async meet(rig) {
      const visitor = rig.newcomer()
      const page = await visitor.typeEmail(await rig.arrive(visitor))
      rig.server.advance(4_000)
      await eventually('every mail settled', async () => ((await rig.server.foundation.storage.outbox.depth()) === 0 ? true : undefined))
      return { visitor, page: await visitor.browser.open(page.url) }
    },
  },
  'a link that was used': {
    title: { en: 'This link was used already', de: 'Dieser Link wurde schon verwendet' },
    status: 410,
    says: [{ en: 'If that was you, you are done. If not, tell us.', de: 'Wenn Sie das waren, sind Sie fertig. Wenn nicht, sagen Sie es uns.' }],
    steps: [
      { button: { en: 'Sign in again', de: 'Erneut anmelden' }, leads: { href: () => shop.client_uri } },
      { button: { en: 'It was not me', de: 'Das war ich nicht' }, leads: { en: 'Thank you for telling us', de: 'Danke für den Hinweis' } },
    ],
    async meet(rig) {
      const scene = await asked(rig)
      await scene.visitor.typeCode(scene.page, scene.code)
      return open(scene)
    },
  },
  'a link that is too old': {
    title: { en: 'This link is too old', de: 'Dieser Link ist zu alt' },
    status: 410,
    // Which app it was for is forgotten with the link: where there is more than one, words lead on.
    says: [{ en: 'Links work for 10 minutes.', de: 'Links gelten 10 Minuten.' }, { en: 'Open the app you use and sign in there.', de: 'Öffnen Sie die App, die Sie nutzen, und melden Sie sich dort an.' }],
    main: 'none',
    steps: [],
    async meet(rig) {
      const scene = await asked(rig)
      rig.server.advance(11 * minute)
      return open(scene)
    },
  },
  'a link opened in another browser': {
    title: { en: 'Finish where you started', de: 'Machen Sie dort weiter, wo Sie begonnen haben' },
    says: [{ en: 'Was it you? Show the code and type it there.', de: 'Waren Sie das? Lassen Sie sich den Code anzeigen und geben Sie ihn dort ein.' }],
    steps: [
      { button: { en: 'Show my code', de: 'Meinen Code anzeigen' }, leads: { en: 'Type this code where you started', de: 'Geben Sie diesen Code dort ein, wo Sie begonnen haben' } },
      { button: { en: 'I did not ask for this', de: 'Ich habe das nicht angefragt' }, leads: { en: 'Done. Nobody was signed in', de: 'Erledigt. Niemand wurde angemeldet' } },
    ],
    async meet(rig) {
      const scene = await asked(rig)
      return open({ ...scene, visitor: rig.newcomer({ email: scene.visitor.email }) })
    },
  },
}

rows(table)
