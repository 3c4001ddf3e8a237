import type { Locale } from '../../src/i18n/index.ts'

/** The demo app's words. It is an app of its own, so they are not among the provider's texts. */
const en = {
  name: 'Demo',

  startTitle: 'Sign in without a password',
  startText: 'This is a small app that signs people in with {brand}. Try it, then look at what the app gets to know.',
  signedOut: 'You are signed out of the demo app.',
  signIn: 'Sign in',
  createAccount: 'Create an account',
  stepsTitle: 'What happens',
  stepLeave: 'The app sends you to {brand}. It never sees how you sign in.',
  stepProve: 'You use your passkey, or a code by email.',
  stepReturn: 'You come back with a signed note, and the app reads in it who you are.',
  mailbox: 'No mail server is set up, so emails arrive in the <a>built-in mailbox</a>.',
  discovery: 'For your own app: <a>discovery document</a>',

  signedInTitle: 'You are signed in',
  withPasskey: 'With a passkey, and the app can rely on it.',
  withCode: 'With a code by email. A passkey is quicker, and nobody can trick you out of it.',
  withOther: 'The app knows how: see acr and amr below.',
  askForPasskey: 'Ask for a passkey',
  notAskedAgain: 'The app asked for a passkey. You signed in with one already, so {brand} did not ask you again.',
  askForPasskeyHint: 'Before something important an app can ask for a passkey. If you have none, you create it on the way. For the developer: acr_values=phr',
  account: 'Change how you sign in to {brand}',
  transferTitle: 'Before a transfer',
  transferText: 'The bank behind this app wants a passkey, used in the last 5 minutes. If that is missing, it tells the app, and the app sends you to {brand}.',
  transfer: 'Transfer money',
  transferred: 'Done. This is a demo: no money moved.',
  transferredAfterAsking: 'The bank wanted a passkey first, so the app sent you to {brand} and then tried again.',
  transferredAtOnce: 'You had just used a passkey, so the bank asked for nothing more.',
  transferChallenge: 'What the bank answered first',
  signOut: 'Sign out',
  idTokenTitle: 'ID token',
  idTokenText: 'For the developer: signed by {brand}, checked by the app.',
  userinfoTitle: 'Userinfo',
  userinfoText: 'For the developer: fetched by the app from {brand}.',
  claim: 'Claim',
  value: 'Value',
  meaning: 'Meaning',

  deniedTitle: 'You came back without signing in',
  deniedText: 'Nothing happened. You can sign in whenever you like.',
  deniedSignedInTitle: 'You are still signed in',
  deniedSignedInText: 'You came back without a passkey. Nothing has changed, and the app does not do what it wanted one for.',
  createPasskey: 'Use or create a passkey',
  createPasskeyHint: 'No passkey yet? {brand} asks for one, and where you have none, lets you create it.',
  unmetTitle: 'That needs a passkey',
  unmetText: 'The app asked for a passkey, and the sign-in ended without one.',
  unmetSignedInText: 'The app asked for a passkey and got none. You are still signed in, as before.',
  checkTitle: 'The sign-in did not finish',
  checkText: 'It took too long, was done already, or went on in another tab. Start it again here.',
  checkSignedInText: 'It took too long, was done already, or went on in another tab. You are still signed in, as before.',
  refusedTitle: 'The sign-in did not finish',
  refusedText: 'The answer to the app was an error. You can start again.',
  refusedSignedInText: 'The answer to the app was an error. You are still signed in, as before.',
  developer: 'For the developer',
  back: 'Back to the start',
  backSignedIn: 'Go on',

  outboxTitle: 'Mailbox',
  outboxText: 'Emails and text messages that {brand} would send, newest first. They stay on this machine.',
  outboxEmptyTitle: 'No messages yet',
  outboxEmptyText: 'This page looks for new ones every 5 seconds.',
  outboxTo: 'To',
  outboxCode: 'Code',
  outboxWhole: 'Show the whole message',
  outboxTextMessage: 'Text message',
  backToSignIn: 'Back to the sign-in',
  toDemo: 'Go to the demo app',
}

export type DemoTexts = typeof en

const de: DemoTexts = {
  name: 'Demo',

  startTitle: 'Anmelden ohne Passwort',
  startText: 'Das ist eine kleine App, die mit {brand} anmeldet. Probieren Sie es aus und sehen Sie, was die App erfährt.',
  signedOut: 'Sie sind von der Demo abgemeldet.',
  signIn: 'Anmelden',
  createAccount: 'Konto erstellen',
  stepsTitle: 'Was passiert',
  stepLeave: 'Die App schickt Sie zu {brand}. Sie sieht nie, wie Sie sich anmelden.',
  stepProve: 'Sie nehmen Ihren Passkey oder einen Code per E-Mail.',
  stepReturn: 'Sie kommen mit einer signierten Nachricht zurück, und die App liest darin, wer Sie sind.',
  mailbox: 'Es ist kein Mailserver eingerichtet. E-Mails kommen im <a>eingebauten Postfach</a> an.',
  discovery: 'Für Ihre eigene App: <a>Discovery-Dokument</a>',

  signedInTitle: 'Sie sind angemeldet',
  withPasskey: 'Mit einem Passkey, und die App kann sich darauf verlassen.',
  withCode: 'Mit einem Code per E-Mail. Ein Passkey ist schneller, und niemand kann ihn Ihnen ablisten.',
  withOther: 'Die App weiß, wie: siehe acr und amr unten.',
  askForPasskey: 'Passkey verlangen',
  notAskedAgain: 'Die App hat einen Passkey verlangt. Sie haben sich schon mit einem angemeldet, daher hat {brand} nicht noch einmal gefragt.',
  askForPasskeyHint: 'Vor etwas Wichtigem kann eine App einen Passkey verlangen. Haben Sie keinen, erstellen Sie ihn dabei. Für Entwickler: acr_values=phr',
  account: 'Ändern, wie Sie sich bei {brand} anmelden',
  transferTitle: 'Vor einer Überweisung',
  transferText: 'Die Bank hinter dieser App will einen Passkey, benutzt in den letzten 5 Minuten. Fehlt das, sagt sie es der App, und die App schickt Sie zu {brand}.',
  transfer: 'Geld überweisen',
  transferred: 'Erledigt. Das ist eine Demo: Es floss kein Geld.',
  transferredAfterAsking: 'Die Bank wollte erst einen Passkey, daher hat die App Sie zu {brand} geschickt und es dann noch einmal versucht.',
  transferredAtOnce: 'Sie hatten gerade einen Passkey benutzt, daher hat die Bank nichts weiter verlangt.',
  transferChallenge: 'Was die Bank zuerst geantwortet hat',
  signOut: 'Abmelden',
  idTokenTitle: 'ID-Token',
  idTokenText: 'Für Entwickler: von {brand} signiert, von der App geprüft.',
  userinfoTitle: 'Userinfo',
  userinfoText: 'Für Entwickler: von der App bei {brand} geholt.',
  claim: 'Angabe',
  value: 'Wert',
  meaning: 'Bedeutung',

  deniedTitle: 'Sie sind ohne Anmeldung zurück',
  deniedText: 'Es ist nichts passiert. Sie können sich jederzeit anmelden.',
  deniedSignedInTitle: 'Sie sind weiterhin angemeldet',
  deniedSignedInText: 'Sie sind ohne Passkey zurück. Es hat sich nichts geändert, und die App tut nicht, wofür sie einen wollte.',
  createPasskey: 'Passkey nutzen oder erstellen',
  createPasskeyHint: 'Noch kein Passkey? {brand} fragt danach, und wenn Sie keinen haben, können Sie dort einen erstellen.',
  unmetTitle: 'Dafür ist ein Passkey nötig',
  unmetText: 'Die App hat einen Passkey verlangt, und die Anmeldung endete ohne einen.',
  unmetSignedInText: 'Die App hat einen Passkey verlangt und keinen bekommen. Sie sind weiterhin angemeldet, wie vorher.',
  checkTitle: 'Die Anmeldung ist nicht fertig',
  checkText: 'Sie hat zu lange gedauert, war schon fertig oder ging in einem anderen Tab weiter. Beginnen Sie hier neu.',
  checkSignedInText: 'Sie hat zu lange gedauert, war schon fertig oder ging in einem anderen Tab weiter. Sie sind weiterhin angemeldet, wie vorher.',
  refusedTitle: 'Die Anmeldung ist nicht fertig',
  refusedText: 'Die App hat einen Fehler als Antwort bekommen. Sie können neu beginnen.',
  refusedSignedInText: 'Die App hat einen Fehler als Antwort bekommen. Sie sind weiterhin angemeldet, wie vorher.',
  developer: 'Für Entwickler',
  back: 'Zurück zum Anfang',
  backSignedIn: 'Weiter',

  outboxTitle: 'Postfach',
  outboxText: 'E-Mails und SMS, die {brand} senden würde, neueste zuerst. Sie bleiben auf diesem Rechner.',
  outboxEmptyTitle: 'Noch keine Nachrichten',
  outboxEmptyText: 'Diese Seite sieht alle 5 Sekunden nach.',
  outboxTo: 'An',
  outboxCode: 'Code',
  outboxWhole: 'Ganze Nachricht zeigen',
  outboxTextMessage: 'SMS',
  backToSignIn: 'Zurück zur Anmeldung',
  toDemo: 'Zur Demo',
}

/** What each claim says, in words (OpenID Connect Core 2 and 5.1, RFC 8176). */
const claimsEn: { [claim: string]: string } = {
  sub: 'Your account: always the same, at every app, and nobody else\'s',
  iss: 'Who says so',
  aud: 'Which app it is meant for',
  iat: 'When it was made',
  exp: 'Until when it is good',
  auth_time: 'When you proved who you are',
  acr: 'How sure that was: phr is a passkey, 1fa a code',
  amr: 'What you used: pop is a passkey, user your fingerprint, face or PIN, otp a code, mfa more than one thing',
  nonce: 'Ties it to this sign-in',
  sid: 'This sign-in, so that signing out can reach the app',
  at_hash: 'Ties it to what the app fetches your data with',
  email: 'Your email',
  email_verified: 'Whether the address is proven to be yours',
  name: 'Your name',
  locale: 'Your language',
  updated_at: 'When your data last changed',
}

const claimsDe: { [claim: string]: string } = {
  sub: 'Ihr Konto: immer gleich, bei jeder App, und sonst bei niemandem',
  iss: 'Wer das sagt',
  aud: 'Für welche App es gedacht ist',
  iat: 'Wann es ausgestellt wurde',
  exp: 'Bis wann es gilt',
  auth_time: 'Wann Sie gezeigt haben, wer Sie sind',
  acr: 'Wie sicher das war: phr ist ein Passkey, 1fa ein Code',
  amr: 'Was Sie benutzt haben: pop ist ein Passkey, user Fingerabdruck, Gesicht oder PIN, otp ein Code, mfa mehr als eines',
  nonce: 'Bindet es an diese Anmeldung',
  sid: 'Diese Anmeldung, damit das Abmelden die App erreicht',
  at_hash: 'Bindet es an das, womit die App Ihre Daten holt',
  email: 'Ihre E-Mail-Adresse',
  email_verified: 'Ob die Adresse nachweislich Ihre ist',
  name: 'Ihr Name',
  locale: 'Ihre Sprache',
  updated_at: 'Wann sich Ihre Daten zuletzt geändert haben',
}

const texts: Record<Locale, DemoTexts> = { en, de }
const claims: Record<Locale, { [claim: string]: string }> = { en: claimsEn, de: claimsDe }

/** A text with its `{brand}` filled in. */
export function demoText(page: { locale: Locale; brand?: string }, key: keyof DemoTexts): string {
  return texts[page.locale][key].replace('{brand}', page.brand ?? '')
}

export function claimMeaning(locale: Locale, claim: string): string {
  return claims[locale][claim] ?? ''
}

/** All languages have the same claims: kept by a test. */
export const claimTexts = claims
