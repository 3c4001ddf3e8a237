/** Settings of the server that are wrong by themselves, or against each other. */
import { yaml } from './folder.ts'
import { durations, originForm, testProblems } from './problem-table.ts'

const smtpAllowed = 'smtp://user:password@host:port; without it the issuer must be http://localhost:<port>'
const port = 'a whole number from 1 to 65535'

testProblems({
  'a misspelt setting': {
    server: yaml`
      # a comment
      passkeys:
        propmts:
          cooldown: 7d
    `,
    problems: [['latchkey.yaml', 3, 'passkeys.propmts', 'is not a known setting, did you mean passkeys.prompts?', 'prompts, rpId, rpName, origins, apps, rollout, creation, crossDevice, …']],
  },
  'a setting in the wrong section': {
    server: 'port: 3000\n',
    problems: [['latchkey.yaml', 1, 'port', 'is not a known setting, did you mean server.port?', 'mail, sms, server, storage, theme, issuer, recovery, locales, …']],
  },
  'a setting unlike any other': {
    server: 'storage: { shards: 3 }\n',
    problems: [['latchkey.yaml', 1, 'storage.shards', 'is not a known setting', 'kind']],
  },
  'values of the wrong kind': {
    server: yaml`
      server:
        port: "3000"
        metricsPort: 1.5
      passkeys: none
      theme: { name: 12 }
      locales: de
      mail: { smtp: 5 }
    `,
    problems: [
      ['latchkey.yaml', 2, 'server.port', 'is text', port],
      ['latchkey.yaml', 3, 'server.metricsPort', 'is a number with decimals', port],
      ['latchkey.yaml', 4, 'passkeys', 'is text', 'a section with rpId, rpName, origins, relatedOrigins, apps, crossDevice, creation, prompts, rollout'],
      ['latchkey.yaml', 5, 'theme.name', 'is a number: put it in quotes', 'text on one line, 1 to 64 characters'],
      ['latchkey.yaml', 6, 'locales', 'is text', 'a list of: en, de'],
      ['latchkey.yaml', 7, 'mail.smtp', 'is a number: put it in quotes', 'smtp://user:password@host:port, or smtps:// for TLS from the start; best given as ${SMTP_URL}'],
    ],
  },
  'values out of range': {
    server: yaml`
      server: { port: 65536 }
      verification:
        code: { digits: 4, life: 2h }
      identifiers:
        enumeration: none
      passkeys:
        prompts: { growth: 0.5, cooldown: 7 days }
      sessions: { idle: 0d }
      storage: { kind: redis-mongo }
      locales: []
    `,
    problems: [
      ['latchkey.yaml', 1, 'server.port', 'is too large', port],
      ['latchkey.yaml', 3, 'verification.code.digits', 'is too small', 'a whole number from 6 to 8'],
      ['latchkey.yaml', 3, 'verification.code.life', 'is out of range', durations('1m', '1h')],
      ['latchkey.yaml', 5, 'identifiers.enumeration', 'is not one of the known values', 'protect, friendly'],
      ['latchkey.yaml', 7, 'passkeys.prompts.cooldown', 'is not a duration', durations('1m', '365d')],
      ['latchkey.yaml', 7, 'passkeys.prompts.growth', 'is too small', 'a number from 1 to 10'],
      ['latchkey.yaml', 8, 'sessions.idle', 'is not a duration', durations('1m', '365d')],
      ['latchkey.yaml', 9, 'storage.kind', 'is not one of the known values', 'embedded'],
      ['latchkey.yaml', 10, 'locales', 'is empty or too short', 'a list of: en, de'],
    ],
  },
  'values of the wrong form': {
    server: yaml`
      issuer: http://localhost:3000/
      server: { trustedProxies: [10.0.0.0/8, 10.0.0.0/33, proxy] }
      passkeys: { rpId: 127.0.0.1, origins: [https://a.example/x] }
      mail: { from: "a@b.example\nBcc: c@d.example", smtp: "https://mail.example.com" }
      theme: { accent: red, logo: logo.gif, help: "http://example.com", name: "a\nb" }
      locales: [en, fr]
      resources: { orders: {}, https://api.example.com#x: {}, https://b.example: { scopes: [a b] } }
    `,
    problems: [
      ['latchkey.yaml', 1, 'issuer', 'is not an origin', originForm],
      ['latchkey.yaml', 2, 'server.trustedProxies[1]', 'is not an address or range', 'an IP address or a range in CIDR form, as in 10.0.0.0/8 or ::1'],
      ['latchkey.yaml', 2, 'server.trustedProxies[2]', 'is not an address or range', 'an IP address or a range in CIDR form, as in 10.0.0.0/8 or ::1'],
      ['latchkey.yaml', 3, 'passkeys.rpId', 'is an IP address: passkeys need a name', 'a host name in lower case, as in example.com'],
      ['latchkey.yaml', 3, 'passkeys.origins[0]', 'is not an origin', originForm],
      ['latchkey.yaml', 4, 'mail.from', 'is not a sender', 'an address, or a name with an address: Example <login@example.com>'],
      ['latchkey.yaml', 4, 'mail.smtp', 'is not an SMTP address', 'smtp://user:password@host:port, or smtps:// for TLS from the start; best given as ${SMTP_URL}'],
      ['latchkey.yaml', 5, 'theme.name', 'holds a line break or control character', 'text on one line, 1 to 64 characters'],
      ['latchkey.yaml', 5, 'theme.logo', 'is not an SVG or PNG file', 'path of an .svg or .png file, relative to the config folder'],
      ['latchkey.yaml', 5, 'theme.accent', 'is not a colour', 'a colour as # and six hexadecimal digits, as in "#3355ff" (with quotes: YAML reads # as a comment)'],
      ['latchkey.yaml', 5, 'theme.help', 'is not a safe web address', 'an https:// address (http:// only for localhost, 127.0.0.1 and [::1])'],
      ['latchkey.yaml', 6, 'locales[1]', 'is not one of the known values', 'en, de'],
      ['latchkey.yaml', 7, 'resources.orders', 'is not a resource indicator', 'an absolute URI without a fragment, as in https://api.example.com'],
      ['latchkey.yaml', 7, 'resources["https://api.example.com#x"]', 'is not a resource indicator', 'an absolute URI without a fragment, as in https://api.example.com'],
      ['latchkey.yaml', 7, 'resources["https://b.example"].scopes[0]', 'is not a scope', 'a scope name: printable ASCII without spaces, quotes or backslashes'],
    ],
  },
  'a public issuer by http and without mail': {
    server: 'issuer: http://login.example.com\n',
    problems: [
      ['latchkey.yaml', 1, 'issuer', 'is not https, and browsers make no passkeys there', 'https://…; http:// only for localhost'],
      ['latchkey.yaml', 1, 'mail.smtp', 'is missing: codes could not be sent', smtpAllowed],
    ],
  },
  'an issuer that is an address': {
    server: 'issuer: https://192.0.2.1\nmail: { smtp: smtp://mail }\n',
    problems: [['latchkey.yaml', 1, 'issuer', 'is an IP address, and passkeys need a name', 'a host name']],
  },
  'a foreign RP ID': {
    server: yaml`
      issuer: https://login.example.com
      mail: { smtp: smtp://mail }
      passkeys:
        rpId: ample.com
    `,
    problems: [
      ['latchkey.yaml', 4, 'passkeys.rpId', "does not cover the issuer's host login.example.com", "the issuer's host, or a parent domain of it that is yours"],
    ],
  },
  'a top-level RP ID, origins without the issuer': {
    server: yaml`
      issuer: https://login.example.com
      mail: { smtp: smtp://mail }
      passkeys:
        rpId: com
        origins:
          - https://www.example.com
    `,
    problems: [
      ['latchkey.yaml', 4, 'passkeys.rpId', 'is a top-level domain', "the issuer's host, or a parent domain of it that is yours"],
      ['latchkey.yaml', 5, 'passkeys.origins', 'lacks the issuer https://login.example.com, where people sign in', 'a list that includes the issuer'],
    ],
  },
  'origins that the RP ID does not cover': {
    server: yaml`
      issuer: https://login.example.com
      mail: { smtp: smtp://mail }
      passkeys:
        rpId: example.com
        origins:
          - https://login.example.com
          - https://example.com.evil.example
          - http://www.example.com
    `,
    problems: [
      ['latchkey.yaml', 7, 'passkeys.origins[1]', 'is not at or below example.com', 'https origins at passkeys.rpId or below it, or among passkeys.relatedOrigins'],
      ['latchkey.yaml', 8, 'passkeys.origins[2]', 'is not https', 'https origins at passkeys.rpId or below it, or among passkeys.relatedOrigins'],
    ],
  },
  'settings that contradict each other': {
    server: yaml`
      server: { metricsPort: 3000 }
      sessions:
        absolute: 1d
      locales: [en, en]
      resources:
        https://api.example.com:
          scopes: [orders, openid]
    `,
    problems: [
      ['latchkey.yaml', 1, 'server.metricsPort', 'is the same as the port of the pages', 'another port than server.port'],
      ['latchkey.yaml', 2, 'sessions.idle', 'is longer than sessions.absolute', 'at most sessions.absolute'],
      ['latchkey.yaml', 4, 'locales', 'names a language twice', 'each language once'],
      ['latchkey.yaml', 7, 'resources["https://api.example.com"].scopes[1]', 'is a scope of OpenID Connect', 'other names than openid, profile, email, phone, offline_access'],
    ],
  },
  'no rule about a setting that is wrong itself': {
    server: yaml`
      issuer: login.example.com
      sessions: { idle: 30d, absolute: 1 }
    `,
    problems: [
      ['latchkey.yaml', 1, 'issuer', 'is not an origin', originForm],
      ['latchkey.yaml', 2, 'sessions.absolute', 'is a number: put it in quotes', durations('1m', '730d')],
    ],
  },
  'variables and files that are not there': {
    server: yaml`
      issuer: https://login.example.com
      mail:
        smtp: \${SMTP_URL}
        from: "\${FROM"
      theme:
        name: \${NAME_IN_FILE}
    `,
    env: { SMTP_URL: '', NAME_IN_FILE_FILE: 'nowhere' },
    problems: [
      ['latchkey.yaml', 3, 'mail.smtp', 'needs the environment variable SMTP_URL, which is not set', 'SMTP_URL, or SMTP_URL_FILE with the path of a file'],
      ['latchkey.yaml', 4, 'mail.from', 'has a ${ that is not followed by a name and }', '${NAME} with letters, digits and _'],
      ['latchkey.yaml', 6, 'theme.name', 'names a file that cannot be read (ENOENT)', undefined],
    ],
  },
  'a secret and its file': {
    server: yaml`
      mail:
        smtp: smtp://mail
        smtp_FILE: nowhere
    `,
    problems: [['latchkey.yaml', 3, 'mail.smtp_FILE', 'is set together with smtp', 'one of them']],
  },
  'a secret file that is not there': {
    server: yaml`
      issuer: https://login.example.com
      mail:
        smtp_FILE: nowhere
    `,
    problems: [['latchkey.yaml', 3, 'mail.smtp', 'names a file that cannot be read (ENOENT)', undefined]],
  },
  'a logo that is not there': {
    server: 'theme:\n  logo: logo.svg\n',
    problems: [['latchkey.yaml', 2, 'theme.logo', 'names a file that cannot be read (ENOENT)', 'an .svg or .png file in the config folder']],
  },
  'a port that is none': {
    env: { PORT: '80a' },
    problems: [['environment', undefined, 'PORT', 'is not a port', port]],
  },
  'files that would be ignored': {
    files: { 'latchkey.yml': 'locales: [en]', 'clients/shop.yml': 'client_id: shop' },
    problems: [
      ['latchkey.yml', undefined, '', 'would be ignored', 'names that end in .yaml'],
      ['clients/shop.yml', undefined, '', 'would be ignored', 'names that end in .yaml'],
    ],
  },
  'problems of every file at once': {
    server: 'issuer: [\n',
    clients: { 'a.yaml': 'client_id: a\nscopes: openid\nscope: unknown\n', 'b.yaml': '\tclient_id: b\n' },
    problems: [
      ['latchkey.yaml', 1, '', 'opens a bracket that is not closed', undefined],
      ['clients/b.yaml', 1, '', 'is indented with a tab', 'spaces'],
      ['clients/a.yaml', 2, 'scopes', 'is not a known setting, did you mean scope?', 'scope, jwks, contacts, latchkey, logo_uri, tos_uri, client_id, jwks_uri, …'],
    ],
  },
})
