import { yaml } from './folder.ts'
import { durations, originForm, testProblems } from './problem-table.ts'

const webRedirects = 'https://… without a fragment; http:// only for localhost, 127.0.0.1 and [::1]'
const nativeRedirects = 'com.example.app:/path, http://127.0.0.1/path, http://[::1]/path, or https://… that the app has claimed'

testProblems({
  'a client without anything': {
    clients: { 'shop.yaml': '' },
    problems: [['clients/shop.yaml', 1, 'client_id', 'is missing', 'printable ASCII, 1 to 255 characters']],
  },
  'a client of the wrong kind': {
    clients: {
      'shop.yaml': yaml`
        client_id: 12
        redirect_uri: https://shop.example.com/callback
        latchkey:
          minimumAcr: phrh
          firstparty: true
          maximumAge: 3600
          theme: { accent: blue }
        grant_types: [implicit]
        contacts: [nobody]
        initiate_login_uri: http://shop.example.com/login
        default_max_age: -1
        scope: openid  email
      `,
    },
    problems: [
      ['clients/shop.yaml', 1, 'client_id', 'is a number: put it in quotes', 'printable ASCII, 1 to 255 characters'],
      ['clients/shop.yaml', 2, 'redirect_uri', 'is not a known setting, did you mean redirect_uris?', 'redirect_uris, client_uri, policy_uri, client_id, jwks_uri, logo_uri, tos_uri, client_name, …'],
      ['clients/shop.yaml', 4, 'latchkey.minimumAcr', 'is not one of the known values', 'urn:latchkey:acr:recovery, urn:latchkey:acr:1fa, urn:latchkey:acr:mfa, phr'],
      ['clients/shop.yaml', 5, 'latchkey.firstparty', 'is not a known setting, did you mean latchkey.firstParty?', 'firstParty, assurance, pkce, minimumAcr, methods, passkeys, theme, maximumAge, …'],
      ['clients/shop.yaml', 6, 'latchkey.maximumAge', 'is a number: put it in quotes', durations('1s', '365d')],
      ['clients/shop.yaml', 7, 'latchkey.theme.accent', 'is not a colour', 'a colour as # and six hexadecimal digits, as in "#3355ff" (with quotes: YAML reads # as a comment)'],
      ['clients/shop.yaml', 8, 'grant_types[0]', 'is not one of the known values', 'authorization_code, refresh_token, client_credentials'],
      ['clients/shop.yaml', 9, 'contacts[0]', 'is not an email address', 'an email address'],
      ['clients/shop.yaml', 10, 'initiate_login_uri', 'is not a safe web address', 'an https:// address (http:// only for localhost, 127.0.0.1 and [::1])'],
      ['clients/shop.yaml', 11, 'default_max_age', 'is too small', 'seconds, a whole number from 0'],
      ['clients/shop.yaml', 12, 'scope', 'is not a list of scopes', 'scopes separated by one space'],
    ],
  },
  'redirects of a web app': {
    clients: {
      'shop.yaml': yaml`
        client_id: shop
        token_endpoint_auth_method: none
        redirect_uris:
          - https://shop.example.com/callback
          - http://localhost:8080/callback
          - http://shop.example.com/callback
          - com.example.shop:/callback
          - /callback
          - https://shop.example.com/callback#done
          - https://*.example.com/callback
          - https://me:secret@shop.example.com/
        post_logout_redirect_uris: [javascript:alert(1)]
      `,
    },
    problems: [
      ['clients/shop.yaml', 6, 'redirect_uris[2]', 'is not https', webRedirects],
      ['clients/shop.yaml', 7, 'redirect_uris[3]', 'has a scheme of its own, which is for application_type native', webRedirects],
      ['clients/shop.yaml', 8, 'redirect_uris[4]', 'is not an absolute URI', webRedirects],
      ['clients/shop.yaml', 9, 'redirect_uris[5]', 'has a fragment', webRedirects],
      ['clients/shop.yaml', 10, 'redirect_uris[6]', 'holds a wildcard: list each address', webRedirects],
      ['clients/shop.yaml', 11, 'redirect_uris[7]', 'holds a user name or password', webRedirects],
      ['clients/shop.yaml', 12, 'post_logout_redirect_uris[0]', 'has a scheme of its own, which is for application_type native', webRedirects],
    ],
  },
  'redirects of a native app': {
    clients: {
      'phone.yaml': yaml`
        client_id: phone
        application_type: native
        token_endpoint_auth_method: none
        redirect_uris:
          - com.example.app:/callback
          - http://127.0.0.1/callback
          - "http://[::1]/callback"
          - https://app.example.com/callback
          - http://app.example.com/callback
          - https://localhost/callback
          - app:/callback
          - javascript:alert(1)
      `,
    },
    problems: [
      ['clients/phone.yaml', 9, 'redirect_uris[4]', 'is http, but not on this machine', nativeRedirects],
      ['clients/phone.yaml', 10, 'redirect_uris[5]', 'is https on this machine, which an app cannot claim', nativeRedirects],
      ['clients/phone.yaml', 11, 'redirect_uris[6]', 'has a scheme without a period, which another app could take', nativeRedirects],
      ['clients/phone.yaml', 12, 'redirect_uris[7]', 'has a scheme without a period, which another app could take', nativeRedirects],
    ],
  },
  'a public client that behaves like a confidential one': {
    clients: {
      'spa.yaml': yaml`
        client_id: spa
        token_endpoint_auth_method: none
        client_secret: not-so-secret
        grant_types: [client_credentials]
        response_types: [code]
        token_endpoint_auth_signing_alg: ES256
        latchkey: { pkce: optional, allowedOrigins: ["*"] }
      `,
    },
    problems: [
      ['clients/spa.yaml', 3, 'client_secret', 'is set, but token_endpoint_auth_method does not use it', 'a secret with client_secret_basic or client_secret_post only'],
      ['clients/spa.yaml', 4, 'grant_types', 'has client_credentials, but the client is public', 'client_credentials only for a client that proves itself'],
      ['clients/spa.yaml', 5, 'response_types', 'does not fit grant_types', '[code] with the authorization_code grant, [] without it; best left out'],
      ['clients/spa.yaml', 6, 'token_endpoint_auth_signing_alg', 'is set, but token_endpoint_auth_method does not use it', 'only with private_key_jwt'],
      ['clients/spa.yaml', 7, 'latchkey.allowedOrigins[0]', 'is not an origin', originForm],
      ['clients/spa.yaml', 7, 'latchkey.pkce', 'is optional, but a public client has no other protection (RFC 9700)', 'required'],
    ],
  },
  'a confidential client without credentials or redirects': {
    clients: { 'shop.yaml': 'client_id: shop\nscope: openid orders\n' },
    problems: [
      ['clients/shop.yaml', 1, 'redirect_uris', 'is missing: codes could be sent nowhere', 'at least one address, or grant_types without authorization_code'],
      ['clients/shop.yaml', 1, 'client_secret', 'is missing', '${NAME} or client_secret_FILE; for a public client set token_endpoint_auth_method: none'],
      ['clients/shop.yaml', 2, 'scope', 'names an unknown scope', 'openid, profile, email, phone, offline_access, and the scopes under resources in latchkey.yaml'],
    ],
  },
  'keys of a client': {
    clients: {
      'none.yaml': 'client_id: none\ntoken_endpoint_auth_method: private_key_jwt\ngrant_types: [client_credentials]\n',
      'two.yaml': yaml`
        client_id: two
        token_endpoint_auth_method: private_key_jwt
        grant_types: [client_credentials, refresh_token]
        jwks_uri: https://two.example.com/jwks
        jwks:
          keys:
            - { kty: EC, crv: P-256, x: x, y: y, d: d }
      `,
    },
    problems: [
      ['clients/none.yaml', 1, 'jwks', 'is missing', 'jwks with the public keys, or jwks_uri'],
      ['clients/two.yaml', 3, 'grant_types', 'has a refresh_token that nothing can issue', 'refresh_token only together with authorization_code'],
      ['clients/two.yaml', 5, 'jwks', 'is set together with jwks_uri', 'one of them'],
      ['clients/two.yaml', 7, 'jwks.keys[0]', 'holds a private key', 'public keys: no d, p, q, dp, dq, qi or k'],
    ],
  },
  'one id for two clients, and that of the demo app': {
    clients: {
      'a.yaml': 'client_id: shop\ngrant_types: [client_credentials]\nclient_secret: a\n',
      'b.yaml': '# the same\nclient_id: shop\ngrant_types: [client_credentials]\nclient_secret: b\n',
      'c.yaml': 'client_id: demo\ngrant_types: [client_credentials]\nclient_secret: c\n',
    },
    problems: [
      ['clients/c.yaml', 1, 'client_id', 'is the id of the built-in demo app', 'any other id'],
      ['clients/b.yaml', 2, 'client_id', 'is also used in clients/a.yaml', 'an id of its own for each client'],
    ],
  },
  'levels and methods that cannot go together': {
    server: 'assurance: { downgrade: block }\n',
    clients: {
      'codes.yaml': yaml`
        client_id: codes
        token_endpoint_auth_method: none
        redirect_uris: [https://codes.example.com/]
        latchkey: { minimumAcr: phr, methods: [email_otp] }
      `,
      'told.yaml': yaml`
        client_id: told
        token_endpoint_auth_method: none
        redirect_uris: [https://told.example.com/]
        latchkey: { methods: [email_otp], assurance: { downgrade: notify } }
      `,
      'twice.yaml': yaml`
        client_id: twice
        token_endpoint_auth_method: none
        redirect_uris: [https://twice.example.com/]
        latchkey: { methods: [email_otp], assurance: { downgrade: step_up } }
      `,
      'unknown.yaml': yaml`
        client_id: unknown
        token_endpoint_auth_method: none
        redirect_uris: [https://unknown.example.com/]
        latchkey: { methods: [email_otp, password], alwaysReauthenticate: often, assurance: { downgrade: refuse } }
      `,
      'whole.yaml': yaml`
        client_id: whole
        token_endpoint_auth_method: none
        redirect_uris: [https://whole.example.com/]
        latchkey: { minimumAcr: phr, methods: [passkey], alwaysReauthenticate: true }
      `,
    },
    problems: [
      ['clients/codes.yaml', 4, 'latchkey.methods', 'cannot reach minimumAcr, phr', 'methods that reach it, or no minimumAcr'],
      ['clients/codes.yaml', 4, 'latchkey.methods', 'lets nobody in who has a passkey (assurance.downgrade is block)', 'passkey among them, or latchkey.assurance.downgrade: notify'],
      ['clients/twice.yaml', 4, 'latchkey.methods', 'lets nobody in who has a passkey (assurance.downgrade is step_up)', 'passkey among them, or latchkey.assurance.downgrade: notify'],
      ['clients/unknown.yaml', 4, 'latchkey.methods[1]', 'is not one of the known values', 'passkey, email_otp, email_link, sms_otp, totp, recovery_code'],
      ['clients/unknown.yaml', 4, 'latchkey.alwaysReauthenticate', 'is text', 'true or false'],
      ['clients/unknown.yaml', 4, 'latchkey.assurance.downgrade', 'is not one of the known values', 'allow, notify, step_up, block'],
    ],
  },
  'no rule about methods while the downgrade setting is wrong itself': {
    server: 'assurance: { downgrade: refuse }\n',
    clients: {
      'codes.yaml': yaml`
        client_id: codes
        token_endpoint_auth_method: none
        redirect_uris: [https://codes.example.com/]
        latchkey: { methods: [email_otp] }
      `,
    },
    problems: [['latchkey.yaml', 1, 'assurance.downgrade', 'is not one of the known values', 'allow, notify, step_up, block']],
  },
})
