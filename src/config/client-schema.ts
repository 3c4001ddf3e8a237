import { z } from 'zod'
import { crossDeviceSettings } from '../policy/cross-device.ts'
import { downgradeSettings } from '../policy/downgrade.ts'
import { creationSettings, promptOccasions } from '../policy/prompts.ts'
import { attainable, availableMethods } from '../policy/types.ts'
import { duration, hexColour, line, origin, ownStrategy, secretFile, signUpSettings, webUrl, wholeNumber } from './values.ts'

/** OpenID Connect Registration allows any printable ASCII; the engine too. */
const printable = z.string().min(1).max(255).regex(/^[\x20-\x7E]+$/, 'holds characters other than printable ASCII')
  .meta({ title: 'printable ASCII, 1 to 255 characters' })

/** What is allowed depends on `application_type`, so `client-checks.ts` checks it. */
const redirectUri = z.string().min(1)
  .meta({ title: 'an absolute URI without a fragment' })

const identifierOverride = z.strictObject({
  signIn: z.boolean().exactOptional().describe('People can sign in to this app with it.'),
  signUp: z.enum(signUpSettings).exactOptional().describe('Whether an account made from this app needs one.'),
}).prefault({})

const latchkeySchema = z.strictObject({
  firstParty: z.boolean().default(false)
    .describe('Your own app: people are not asked for consent.'),
  pkce: z.enum(['required', 'optional']).default('required')
    .describe('PKCE with S256. `optional` only for confidential clients whose library cannot send it.'),
  allowedOrigins: z.array(origin).default([])
    .describe('Origins of browser apps that may call the token and userinfo endpoints (CORS).'),
  minimumAcr: z.enum(attainable).exactOptional()
    .describe('The least assurance this app accepts: `phr` is a passkey.'),
  maximumAge: duration('1s', '365d').transform((ms) => Math.ceil(ms / 1000)).exactOptional()
    .describe('How old the proof may be before people are asked again.'),
  methods: z.array(z.enum(availableMethods)).min(1).exactOptional()
    .describe('The only ways to sign in that count for this app. Default: all.'),
  alwaysReauthenticate: z.boolean().default(false)
    .describe('Every login of this app asks people to prove who they are, however short ago they did.'),
  identifiers: z.strictObject({ email: identifierOverride, phone: identifierOverride, username: identifierOverride })
    .prefault({}).describe('As in latchkey.yaml, for this app alone.'),
  verification: z.strictObject({
    strategy: ownStrategy.exactOptional().describe('As in latchkey.yaml, for accounts made from this app, and for what it accepts.'),
  }).prefault({}).describe('When a new address or number has to be proven.'),
  passkeys: z.strictObject({
    crossDevice: z.enum(crossDeviceSettings).exactOptional().describe('As in latchkey.yaml, for this app alone.'),
    creation: z.enum(creationSettings).exactOptional().describe('As in latchkey.yaml, for this app alone.'),
    prompts: z.strictObject({
      after: z.array(z.enum(promptOccasions)).exactOptional().describe('As in latchkey.yaml.'),
      cooldown: duration('1m', '365d').exactOptional().describe('As in latchkey.yaml.'),
      growth: z.number().min(1).max(10).exactOptional().meta({ title: 'a number from 1 to 10' }).describe('As in latchkey.yaml.'),
      maximum: wholeNumber(0, 100).exactOptional().describe('As in latchkey.yaml.'),
      localAfterCrossDevice: z.boolean().exactOptional().describe('As in latchkey.yaml.'),
    }).prefault({}).describe('As in latchkey.yaml, for this app alone; what is left out stays as it is there.'),
  }).prefault({}).describe('How passkeys are offered and used.'),
  assurance: z.strictObject({
    downgrade: z.enum(downgradeSettings).exactOptional()
      .describe('As in latchkey.yaml, for this app alone.'),
  }).prefault({}).describe('How strong a sign-in must be.'),
  theme: z.strictObject({
    accent: hexColour.exactOptional().describe('Colour of buttons and links on the login pages for this app.'),
  }).prefault({}).describe('How the login pages look for this app.'),
}).prefault({}).describe('What the standard has no name for.')

/** Standard client metadata under its registered names (OpenID Connect Registration 1.0, RFC 7591), plus `latchkey`. */
export const clientSchema = z.strictObject({
  client_id: printable.describe('The name by which the app identifies itself. Never change it: grants belong to it.'),
  client_name: line(100).exactOptional().describe('The name people see. Default: the client_id.'),
  application_type: z.enum(['web', 'native']).default('web')
    .describe('`native`: an app on a phone or desktop, with loopback or custom-scheme redirects (RFC 8252).'),
  redirect_uris: z.array(redirectUri).default([])
    .describe('Where codes may be sent; compared character by character (for native apps a loopback port may differ).'),
  post_logout_redirect_uris: z.array(redirectUri).default([])
    .describe('Where people may be sent after signing out.'),
  token_endpoint_auth_method: z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']).default('client_secret_basic')
    .describe('How the app proves itself. `none`: a public client, such as a browser or native app.'),
  token_endpoint_auth_signing_alg: z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']).exactOptional()
    .describe('The only algorithm accepted for private_key_jwt. Default: any of these.'),
  client_secret: printable.exactOptional()
    .describe('For client_secret_basic and client_secret_post; best given as ${NAME} or client_secret_FILE.'),
  client_secret_FILE: secretFile,
  jwks: z.looseObject({ keys: z.array(z.looseObject({ kty: z.string().min(1) })).min(1) }).exactOptional()
    .describe('The public keys of a private_key_jwt client (RFC 7517).'),
  jwks_uri: webUrl.exactOptional().describe('Where those keys are published; instead of `jwks`.'),
  grant_types: z.array(z.enum(['authorization_code', 'refresh_token', 'client_credentials'])).min(1).default(['authorization_code', 'refresh_token'])
    .describe('What the app may use at the token endpoint. Refresh tokens also need the scope offline_access.'),
  response_types: z.array(z.literal('code')).exactOptional()
    .describe('Default: [code], or [] without the authorization_code grant.'),
  scope: z.string().regex(/^\S+( \S+)*$/, 'is not a list of scopes').exactOptional()
    .meta({ title: 'scopes separated by one space' })
    .describe('The only scopes the app may ask for. Default: all.'),
  subject_type: z.literal('public').exactOptional().describe('Every app sees the same `sub`.'),
  id_token_signed_response_alg: z.enum(['ES256', 'RS256']).default('ES256')
    .describe('How ID tokens are signed.'),
  default_max_age: z.int().min(0).exactOptional().meta({ title: 'seconds, a whole number from 0' })
    .describe('The max_age of requests that name none, in seconds.'),
  default_acr_values: z.array(z.enum(attainable)).min(1).exactOptional()
    .describe('The acr_values of requests that name none.'),
  require_pushed_authorization_requests: z.boolean().default(false)
    .describe('Only requests by PAR (RFC 9126).'),
  dpop_bound_access_tokens: z.boolean().default(false)
    .describe('Only DPoP-bound tokens (RFC 9449).'),
  backchannel_logout_uri: webUrl.exactOptional()
    .describe('Called when a session of the app ends (OpenID Connect Back-Channel Logout).'),
  backchannel_logout_session_required: z.boolean().default(false)
    .describe('The logout token names the session (`sid`).'),
  initiate_login_uri: webUrl.exactOptional()
    .describe('Where the app starts a login (OpenID Connect Core 4); a page that has expired leads there, with `iss`. Default: client_uri.'),
  client_uri: webUrl.exactOptional().describe('The home page of the app.'),
  logo_uri: webUrl.exactOptional().describe('The logo of the app. Not shown yet: a picture from another server would tell it who signs in where.'),
  policy_uri: webUrl.exactOptional().describe('The privacy policy of the app.'),
  tos_uri: webUrl.exactOptional().describe('The terms of the app.'),
  contacts: z.array(z.email('is not an email address').meta({ title: 'an email address' })).exactOptional()
    .describe('Who to ask about this client; never shown to people.'),
  latchkey: latchkeySchema,
}).meta({ title: 'Latchkey: a client' })

/** Metadata that can be given as the path of a file, under its name with `_FILE`. */
export const clientSecrets = ['client_secret']

export type ClientFile = z.output<typeof clientSchema>
