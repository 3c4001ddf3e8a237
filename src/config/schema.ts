import { z } from 'zod'
import { downgradeSettings } from '../policy/downgrade.ts'
import { crossDeviceSettings } from '../policy/cross-device.ts'
import { creationSettings, promptOccasions } from '../policy/prompts.ts'
import type { Rule } from '../policy/rules.ts'
import { otherMethods } from '../policy/types.ts'
import type { ClientFile } from './client-schema.ts'
import {
  addressRange, androidPackage, appleApp, certificateFingerprint, duration, headerName, hexColour, hostName, line, mailbox, origin, person, resourceIndicator, scopeToken, region, secretFile, signUpSettings, smtpUrl, strategy, usernamePattern, usualUsernames, webUrl, wholeNumber,
} from './values.ts'

export { clientSchema, clientSecrets } from './client-schema.ts'

export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

/** Of the demo app, which is built in at a loopback issuer. */
export const demoClientId = 'demo'

/** Of our own account pages: they send people to the sign-in as an app does, and get no tokens. */
export const accountClientId = 'account'

/** Scopes that are not about a resource. */
export const standardScopes = ['openid', 'profile', 'email', 'phone', 'offline_access'] as const
export type StandardScope = (typeof standardScopes)[number]

/** A section of the file: may be left out, and then everything in it has its default. */
const section = <Shape extends z.core.$ZodLooseShape>(about: string, shape: Shape) =>
  z.strictObject(shape).prefault({} as never).describe(about)

/** `latchkey.yaml`. Settings without a default here are derived from others in `derive.ts`. */
export const serverSchema = z.strictObject({
  issuer: origin.exactOptional()
    .describe('The address people and apps see, and the `iss` of every token. Default: http://localhost:<port>.'),
  server: section('The process.', {
    port: wholeNumber(1, 65_535).default(3000).describe('Port to listen on; the environment variable PORT wins.'),
    trustedProxies: z.array(addressRange).default([])
      .describe('Proxies whose X-Forwarded-* headers are believed. Nobody else\'s are.'),
    location: section('Headers in which a trusted proxy says where a request comes from.', {
      country: headerName.exactOptional().describe('Two letters (ISO 3166): for rules, for notices, and to notice copied cookies.'),
      city: headerName.exactOptional().describe('A name, for notices.'),
    }),
    metricsPort: wholeNumber(1, 65_535).exactOptional()
      .describe('Serve /metrics on a port of its own instead of the main one.'),
  }),
  storage: section('Where accounts and sessions are kept.', {
    kind: z.literal('embedded').default('embedded').describe('`embedded`: SQLite in the data folder.'),
  }),
  identifiers: section('What finds an account.', {
    email: section('Email addresses.', {
      signIn: z.boolean().default(true).describe('People can sign in with it.'),
      signUp: z.enum(signUpSettings).default('required').describe('Whether a new account needs one. `required`, `optional` or `off`.'),
      max: wholeNumber(1, 20).default(5).describe('How many an account may have.'),
    }),
    phone: section('Phone numbers.', {
      signIn: z.boolean().default(false).describe('People can sign in with it.'),
      signUp: z.enum(signUpSettings).default('off').describe('Whether a new account needs one. `required`, `optional` or `off`.'),
      max: wholeNumber(1, 5).default(2).describe('How many an account may have.'),
      defaultRegion: region.exactOptional().describe('The country of numbers that are typed without one (ISO 3166): `GB` reads 07911 123456 as +44 7911 123456.'),
    }),
    username: section('Usernames.', {
      signIn: z.boolean().default(false).describe('People can sign in with it.'),
      signUp: z.enum(signUpSettings).default('off').describe('Whether a new account needs one. `required`, `optional` or `off`.'),
      pattern: usernamePattern.default(usualUsernames)
        .describe('A regular expression for the whole name, after it was turned into lower case. Up to 128 characters. Whatever it says, a name has no blanks, and does not look like an address or a phone number (as digits alone do).'),
      reserved: z.array(line(128)).default([]).describe('Names that nobody can take, besides `admin`, `root` and the like.'),
    }),
    enumeration: z.enum(['protect', 'friendly']).default('protect')
      .describe('`protect`: nobody learns whether an address has an account. `friendly`: people are told.'),
  }),
  verification: section('How people prove that an address or a number is theirs, and that they are themselves.', {
    strategy: strategy.prefault('at_sign_up')
      .describe('When a new address or number has to be proven. `at_sign_up`: before the account exists. `before_first_login`: with the next sign-in. `none`: never; the account starts with a passkey. One for all, or `{ email: …, phone: … }`.'),
    methods: z.array(z.enum(otherMethods)).default([...otherMethods])
      .describe('Ways to sign in besides passkeys, in the order they are offered. With email_otp and email_link a mail carries both.'),
    code: section('One code.', {
      digits: wholeNumber(6, 8).default(6).describe('Length of a code.'),
      alphabet: z.enum(['digits', 'letters']).default('digits').describe('`letters`: letters and digits that nobody mixes up.'),
      life: duration('1m', '1h').prefault('10m').describe('How long a code works.'),
    }),
  }),
  passkeys: section('Passkeys (WebAuthn).', {
    rpId: hostName.exactOptional()
      .describe('The domain that passkeys belong to: the issuer\'s host or a parent of it. Changing it orphans every passkey. Default: the issuer\'s host.'),
    rpName: line(64).exactOptional().describe('Name that authenticators show. Default: theme.name.'),
    origins: z.array(origin).min(1).exactOptional()
      .describe('Origins whose passkeys\' answers are accepted. Default: the issuer and relatedOrigins.'),
    relatedOrigins: z.array(origin).default([])
      .describe('Origins on other domains of yours that may use the passkeys too (WebAuthn related origin requests); published at /.well-known/webauthn.'),
    apps: section('Your own apps on phones that may use the passkeys too, in their own code or a web view.', {
      apple: z.array(appleApp).default([])
        .describe('For iOS and macOS, by app ID; published at /.well-known/apple-app-site-association.'),
      android: z.record(androidPackage, z.array(certificateFingerprint).min(1)).default({})
        .describe('For Android, by application ID: the SHA-256 fingerprints of the certificates it is signed with, as `keytool -list -v` shows them; for Google Play that of the app signing key. Published at /.well-known/assetlinks.json.'),
    }),
    crossDevice: z.enum(crossDeviceSettings).default('standard')
      .describe('Passkeys of a phone or a security key. `minimize`: neither made nor used. `standard`: added later, and used like any other. `maximize`: preferred.'),
    creation: z.enum(creationSettings).default('explain')
      .describe('`explain`: offer a passkey on a page that says what it is. `automatic`: the browser\'s dialog opens by itself. `off`: offer none.'),
    prompts: section('When a passkey is offered after a sign-in, and how often.', {
      after: z.array(z.enum(promptOccasions)).default([...promptOccasions])
        .describe('After which sign-ins: `sign_up`, those by a method, and `cross_device`, those with a phone\'s passkey.'),
      cooldown: duration('1m', '365d').prefault('7d').describe('Wait after "Not now".'),
      growth: z.number().min(1).max(10).default(2).meta({ title: 'a number from 1 to 10' })
        .describe('Each further wait is this many times longer.'),
      maximum: wholeNumber(0, 100).default(5).describe('How many times at most.'),
      localAfterCrossDevice: z.boolean().default(true)
        .describe('Who signed in with a phone is offered a passkey of this device.'),
    }),
    rollout: section('Who is offered a passkey. Passkeys work for everybody.', {
      percent: z.number().min(0).max(100).default(100).meta({ title: 'a number from 0 to 100' })
        .describe('Share of the accounts; who is in stays in when it grows.'),
      clients: z.array(z.string().min(1)).default([]).describe('Only at these apps, by client_id. Empty: at all.'),
      identifiers: z.array(person).default([])
        .describe('These people whatever the percentage: addresses, numbers or usernames, or `@example.com` for a domain.'),
    }),
  }),
  assurance: section('How strong a sign-in must be.', {
    downgrade: z.enum(downgradeSettings).default('notify')
      .describe('A sign-in by code although a passkey would work. `allow`: finish. `notify`: finish and mail the person. `step_up`: finish only with a passkey or a second kind of code. `block`: such a code signs nobody in.'),
  }),
  recovery: section('The way back for people who lost every passkey.', {
    delay: duration('1m', '30d').prefault('24h')
      .describe('The wait between the start, of which all addresses are told, and the new passkey.'),
  }),
  sessions: section('How long people stay signed in.', {
    idle: duration('1m', '365d').prefault('14d').describe('Without being used.'),
    absolute: duration('1m', '730d').prefault('90d').describe('At most.'),
    keepSignedIn: z.enum(['ask', 'always', 'never']).default('ask')
      .describe('`ask`: people choose on the first page. `never`: everybody is signed out when the browser closes.'),
    shared: duration('1m', '365d').prefault('2h')
      .describe('Without being used, for those who do not stay signed in; never longer than `idle`.'),
  }),
  mail: section('Sending mail.', {
    from: mailbox.exactOptional()
      .describe('Sender of every mail. Best in the login\'s own domain. Default: theme.name <login@the issuer\'s host>.'),
    smtp: smtpUrl.exactOptional()
      .describe('The mail server. Without it, and only at a loopback issuer, mails are shown at /dev/outbox.'),
    smtp_FILE: secretFile,
  }),
  sms: z.strictObject({
    kind: z.literal('webhook').default('webhook').describe('`webhook`: a signed POST to an address of yours, which hands the text to a provider.'),
    url: webUrl.describe('Where texts are posted to.'),
    secret: z.string().min(32).meta({ title: 'text of 32 characters or more' }).exactOptional().describe('Signs each call (HMAC-SHA-256); at least 32 characters, best given as ${NAME} or secret_FILE.'),
    secret_FILE: secretFile,
    channel: z.enum(['sms', 'whatsapp']).default('sms').describe('Passed on to your receiver.'),
    privateNetwork: z.boolean().default(false).describe('Your receiver has an address that cannot be reached from the internet.'),
  }).exactOptional().describe('Sending text messages. Without it, and only at a loopback issuer, texts are shown at /dev/outbox.'),
  theme: section('How the pages look.', {
    name: line(64).default('Latchkey').describe('Name of the service, in headings and mails.'),
    logo: z.string().regex(/\.(svg|png)$/i, 'is not an SVG or PNG file').exactOptional()
      .meta({ title: 'path of an .svg or .png file, relative to the config folder' })
      .describe('Shown at up to 160 x 40 pixels instead of the name.'),
    accent: hexColour.default('#3355ff')
      .describe('Colour of buttons and links; moved as little as needed to be readable in light and dark.'),
    help: webUrl.exactOptional().describe('Your help page.'),
    privacy: webUrl.exactOptional().describe('Your privacy policy.'),
    terms: webUrl.exactOptional().describe('Your terms.'),
  }),
  locales: z.array(z.enum(locales)).min(1).default([...locales])
    .describe('Languages of the pages and mails; the first is used when the browser asks for none of them.'),
  resources: z.record(resourceIndicator, z.strictObject({
    scopes: z.array(scopeToken).default([]).describe('Scopes that apps can ask for at this API.'),
    format: z.enum(['jwt', 'opaque']).default('jwt')
      .describe('`jwt`: the API checks access tokens itself. `opaque`: it asks the introspection endpoint.'),
  })).default({}).describe('Your APIs, by resource indicator (RFC 8707).'),
}).meta({ title: 'Latchkey: the server' })

/** Settings that can be given as the path of a file, under their name with `_FILE`. */
export const serverSecrets = ['mail.smtp', 'sms.secret']

export type ServerInput = z.input<typeof serverSchema>
export type ServerFile = z.output<typeof serverSchema>

type Derived = {
  /** an origin without a slash at the end: `https://login.example.com` */
  issuer: string
  /** the issuer's host is localhost, 127.0.0.1 or ::1: development */
  loopback: boolean
  /** mails are shown at /dev/outbox: a loopback issuer without a mail server */
  builtInMailbox: boolean
  /** so are text messages: a loopback issuer without a receiver for them */
  builtInPhone: boolean
  /** `appOrigins`: by which the answers of `apps` name themselves */
  passkeys: ServerFile['passkeys'] & { rpId: string; rpName: string; origins: string[]; appOrigins: string[] }
  /** `smtp`: a URL; absent only at a loopback issuer */
  mail: { from: string; smtp?: string }
  /** `logo`: an absolute file path; `accent`: `#rrggbb` */
  theme: ServerFile['theme']
  clients: ClientConfig[]
  /** policy/rules.yaml, else the ones that we bring along */
  rules: Rule[]
}

/** Everything the operator decided, checked and complete. Durations are milliseconds. */
export type Config = Omit<ServerFile, keyof Derived> & Derived

type OwnMetadata = 'client_id' | 'redirect_uris' | 'client_uri' | 'initiate_login_uri' | 'policy_uri' | 'tos_uri' | 'latchkey'

/** A relying party: registered metadata under its standard names, handed to the engine as it is, and our own part. */
export interface ClientConfig extends Pick<ClientFile, OwnMetadata> {
  client_name: string
  [standard: string]: unknown
}
